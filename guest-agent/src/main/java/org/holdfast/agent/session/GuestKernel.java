package org.holdfast.agent.session;

import java.util.function.IntFunction;
import org.holdfast.agent.conntrack.ConntrackRenewal;
import org.holdfast.agent.discovery.Discovery;
import org.holdfast.agent.freeze.Freezer;
import org.holdfast.tcp.RepairSocket;

/**
 * What a session does its work with.
 *
 * @param discovery finds connections and owners
 * @param freezer makes owners stand
 * @param sockets makes a RepairSocket of a descriptor of this process
 * @param conntrack renews the guest's connection tracking
 * @param memory of the kernel for all sockets
 * @param record where it is noted what the host holds
 */
public record GuestKernel(
    Discovery discovery,
    Freezer freezer,
    IntFunction<RepairSocket> sockets,
    ConntrackRenewal conntrack,
    SocketMemory memory,
    HeldRecord record) {}
