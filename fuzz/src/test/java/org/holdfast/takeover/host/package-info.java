/** Decoders of this package under fuzzing. */
@NullMarked
package org.holdfast.takeover.host;

import org.jspecify.annotations.NullMarked;
