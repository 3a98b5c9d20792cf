package org.holdfast.takeover;

import org.holdfast.tcp.TcpRepairException;

/**
 * A connection whose copy the host's kernel refused: it is left to TCP.
 *
 * @param index as in {@link ConnectionToHold}
 */
public record RecreateFailure(int index, TcpRepairException cause) {}
