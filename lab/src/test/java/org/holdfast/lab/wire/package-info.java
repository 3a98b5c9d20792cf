/** Tests of reading and judging captures, on captures written by hand. */
@NullMarked
package org.holdfast.lab.wire;

import org.jspecify.annotations.NullMarked;
