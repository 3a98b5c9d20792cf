/** Decoders of this package under fuzzing. */
@NullMarked
package org.holdfast.channel;

import org.jspecify.annotations.NullMarked;
