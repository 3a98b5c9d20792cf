/** Decoders of this package under fuzzing. */
@NullMarked
package org.holdfast.wire;

import org.jspecify.annotations.NullMarked;
