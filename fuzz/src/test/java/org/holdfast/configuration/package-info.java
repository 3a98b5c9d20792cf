/** Decoders of this package under fuzzing. */
@NullMarked
package org.holdfast.configuration;

import org.jspecify.annotations.NullMarked;
