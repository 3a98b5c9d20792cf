/** Decoders of this package under fuzzing. */
@NullMarked
package org.holdfast.agent.discovery;

import org.jspecify.annotations.NullMarked;
