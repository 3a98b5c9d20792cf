/**
 * The host's side of take over, hold and give back. In the order in which a VM's connections pass:
 *
 * <pre>
 *   AddressProbe        are the addresses the guest claims really this VM's?
 *   TakeoverNamespace   prepared: a namespace with the VM's MAC and addresses, silent
 *     .fence()          the VM's ports closed; what peers send is parked
 *     .connections()    copies of its connections, recreated from what the agent exported
 *     .open()           the copies may speak ... release() ... replayParked() ... announce()
 *                       (hold: for as long as it takes; what belongs to no copy is kept)
 *     .shut()           silent again; what peers send is parked again
 *     .connections()    exported: what they received, what of theirs was acknowledged
 *   GuestPorts          on the host where the VM woke: fenced from before it ran, opened when its
 *                       own sockets are conformed
 *     .handOver()       parked frames go to the VM, the bridge learns the VM's port again
 *     .close()          nothing is left
 * </pre>
 *
 * <p>Never may two stacks speak for the same MAC: each step closes before the next opens. Between
 * {@code fence()} and {@code open()} no process is forked: rules are changed through libnftables
 * and forwarding entries through rtnetlink, in this process.
 */
@NullMarked
package org.holdfast.takeover;

import org.jspecify.annotations.NullMarked;
