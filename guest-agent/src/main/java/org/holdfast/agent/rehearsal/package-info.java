/**
 * The agent tries itself out at its start: a self-test, and a warm-up of a cold virtual machine.
 */
@NullMarked
package org.holdfast.agent.rehearsal;

import org.jspecify.annotations.NullMarked;
