package org.holdfast.tcp;

import java.nio.ByteBuffer;

/**
 * A connection with the bytes in its queues.
 *
 * @param receiveQueue read-only, position to limit, {@code snapshot.receiveQueueBytes()} long
 * @param sendQueue read-only, position to limit, {@code snapshot.sendQueueBytes()} long
 */
public record TcpExport(TcpSnapshot snapshot, ByteBuffer receiveQueue, ByteBuffer sendQueue) {}
