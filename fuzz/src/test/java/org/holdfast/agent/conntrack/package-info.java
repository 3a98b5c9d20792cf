/** Decoders of this package under fuzzing. */
@NullMarked
package org.holdfast.agent.conntrack;

import org.jspecify.annotations.NullMarked;
