/**
 * The host's end of the channel to the agent in a guest; the protocol stands at the head of
 * agent.proto.
 *
 * <p>The guest is not trusted: whatever it says is bounded, checked and made safe to print before
 * it leaves this package. What only the host can know, such as whether an address is the VM's own,
 * is not checked here.
 */
@NullMarked
package org.holdfast.channel;

import org.jspecify.annotations.NullMarked;
