/** Makes processes stand still for a moment, and run again. */
@NullMarked
package org.holdfast.agent.freeze;

import org.jspecify.annotations.NullMarked;
