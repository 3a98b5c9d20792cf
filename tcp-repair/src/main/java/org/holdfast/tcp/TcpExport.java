package org.holdfast.tcp;

import java.nio.ByteBuffer;

/**
 * A connection with the bytes in its queues.
 *
 * @param receiveQueue read-only, position to limit, {@code snapshot.receiveQueueBytes()} long
 * @param sendQueue read-only, position to limit, {@code snapshot.sendQueueBytes()} long
 */
public record TcpExport(TcpSnapshot snapshot, ByteBuffer receiveQueue, ByteBuffer sendQueue) {

  /** The same connection if its application had not written yet what was never sent. */
  public TcpExport withoutUnsent() {
    TcpSnapshot sent = snapshot.withoutUnsent();
    return new TcpExport(
        sent, receiveQueue, sendQueue.slice(sendQueue.position(), sent.sendQueueBytes()));
  }
}
