package org.holdfast.takeover;

import org.holdfast.tcp.TcpExport;
import org.holdfast.wire.MacAddress;
import org.jspecify.annotations.Nullable;

/**
 * A connection that the agent exported, with its queues.
 *
 * @param index its number in the export and in the ledger
 * @param interfaceMac for link-local addresses: which of the VM's interfaces they belong to; scopes
 *     in the export's addresses are ignored
 */
public record ConnectionToHold(int index, TcpExport export, @Nullable MacAddress interfaceMac) {}
