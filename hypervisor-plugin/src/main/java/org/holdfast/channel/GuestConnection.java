package org.holdfast.channel;

import java.util.Optional;
import org.holdfast.proto.agent.v1.ExportedConnection;
import org.holdfast.tcp.TcpExport;
import org.holdfast.wire.MacAddress;

/**
 * A connection as the agent exported it.
 *
 * @param index its number in the export, in the ledger and at give-back
 * @param export with the send queue, read-only; the receive queue is empty, for those bytes stay in
 *     the guest. Link-local addresses carry no meaningful scope
 * @param interfaceMac of the VM's interface on which a link-local address stands
 * @param said the agent's own words, the owner made safe to print
 */
public record GuestConnection(
    int index, TcpExport export, Optional<MacAddress> interfaceMac, ExportedConnection said) {}
