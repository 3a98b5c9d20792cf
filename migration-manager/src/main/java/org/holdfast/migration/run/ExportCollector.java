package org.holdfast.migration.run;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.channel.ExportSink;
import org.holdfast.proto.agent.v1.ExportedConnection;
import org.holdfast.proto.connection.v1.Queue;
import org.holdfast.proto.connection.v1.QueueChunk;
import org.jspecify.annotations.Nullable;

/** Puts an export together: each connection with the bytes of its queues, as they come. */
final class ExportCollector implements ExportSink {

  /** A connection and its queues, the queues filled from 0 to their limit. */
  record Collected(ExportedConnection connection, ByteBuffer receiveQueue, ByteBuffer sendQueue) {

    static Collected begin(ExportedConnection connection) {
      return new Collected(
          connection,
          ByteBuffer.allocate(connection.getState().getReceiveQueueBytes()),
          ByteBuffer.allocate(connection.getState().getSendQueueBytes()));
    }

    boolean isComplete() {
      return !receiveQueue.hasRemaining() && !sendQueue.hasRemaining();
    }
  }

  private final long largestTotalBytes;
  private final List<Collected> complete = new ArrayList<>();
  private @Nullable Collected current;
  private long totalBytes;

  /**
   * @param largestTotalBytes how much all queues together may hold
   */
  ExportCollector(long largestTotalBytes) {
    this.largestTotalBytes = largestTotalBytes;
  }

  @Override
  public void connection(ExportedConnection connection) {
    requireComplete();
    totalBytes +=
        Integer.toUnsignedLong(connection.getState().getReceiveQueueBytes())
            + Integer.toUnsignedLong(connection.getState().getSendQueueBytes());
    if (totalBytes > largestTotalBytes) {
      throw new HoldfastException(
          ErrorCode.NOT_ENOUGH_SPACE,
          "The guest's queues hold more than the %d bytes this host takes."
              .formatted(largestTotalBytes));
    }
    current = Collected.begin(connection);
    finishIfComplete();
  }

  @Override
  public void chunk(QueueChunk chunk) {
    Collected open = current;
    if (open == null || chunk.getConnection() != open.connection().getConnection()) {
      throw malformed("bytes of a connection that is not under way");
    }
    ByteBuffer queue =
        chunk.getQueue() == Queue.QUEUE_SEND ? open.sendQueue() : open.receiveQueue();
    if (chunk.getData().size() > queue.remaining()) {
      throw malformed("more bytes than the connection's state says");
    }
    chunk.getData().copyTo(queue);
    finishIfComplete();
  }

  /** All connections, once the export has ended. */
  List<Collected> complete() {
    requireComplete();
    return complete;
  }

  private void finishIfComplete() {
    if (current != null && current.isComplete()) {
      current.receiveQueue().flip();
      current.sendQueue().flip();
      complete.add(current);
      current = null;
    }
  }

  private void requireComplete() {
    if (current != null) {
      throw malformed("fewer bytes than the connection's state says");
    }
  }

  private static HoldfastException malformed(String what) {
    return new HoldfastException(ErrorCode.AGENT_FAILED, "The agent sent " + what + ".");
  }
}
