/** Decoders of this package under fuzzing. */
@NullMarked
package org.holdfast.command;

import org.jspecify.annotations.NullMarked;
