/** What travels between hosts and guests, apart from the generated messages themselves. */
@NullMarked
package org.holdfast.wire;

import org.jspecify.annotations.NullMarked;
