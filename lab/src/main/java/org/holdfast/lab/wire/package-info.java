/**
 * What went over the wire: captures taken with tcpdump in the lab's machines, read back and judged.
 * The judgement must not depend on anything the product says of itself.
 */
@NullMarked
package org.holdfast.lab.wire;

import org.jspecify.annotations.NullMarked;
