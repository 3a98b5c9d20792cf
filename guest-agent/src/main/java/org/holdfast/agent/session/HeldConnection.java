package org.holdfast.agent.session;

import org.holdfast.proto.connection.v1.ConnectionId;
import org.holdfast.tcp.RepairSocket;

/**
 * A connection that the host speaks for.
 *
 * @param index in the export
 * @param id its addresses
 * @param inode of its socket, by which its owners are found again
 * @param userTimeoutMillis its TCP_USER_TIMEOUT before the export
 * @param socket our duplicate: keeps the connection when its owner closes it
 */
record HeldConnection(
    int index, ConnectionId id, long inode, int userTimeoutMillis, RepairSocket socket) {}
