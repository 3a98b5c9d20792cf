package org.holdfast.takeover;

import org.holdfast.tcp.TcpState;

/**
 * How a held connection is doing.
 *
 * @param index as in {@link ConnectionToHold}
 * @param state of the copy; CLOSE if the peer reset the connection
 * @param receivedBytes acknowledged on the VM's behalf since the takeover
 * @param deliveredBytes of the VM's send queue, acknowledged by the peer since the takeover
 */
public record HeldStatistics(int index, TcpState state, long receivedBytes, long deliveredBytes) {}
