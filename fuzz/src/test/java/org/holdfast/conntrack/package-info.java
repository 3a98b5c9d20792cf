/** Decoders of this package under fuzzing. */
@NullMarked
package org.holdfast.conntrack;

import org.jspecify.annotations.NullMarked;
