/** Decoders of this package under fuzzing. */
@NullMarked
package org.holdfast.agent.session;

import org.jspecify.annotations.NullMarked;
