package org.holdfast.channel;

import java.util.HashMap;
import java.util.Map;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.connection.v1.Queue;
import org.holdfast.proto.connection.v1.QueueChunk;

/** Checks what follows an export: no connection gets more than it was said to have. */
final class RestAssembly {
  private final Map<Integer, Integer> outstanding = new HashMap<>();

  /**
   * @param bytes still to come for a connection; dropped later if that one is not wanted
   */
  void expect(int connection, int bytes) {
    outstanding.put(connection, bytes);
  }

  boolean isEmpty() {
    return outstanding.isEmpty();
  }

  void add(PendingAnswer answer, GuestMessage message, RestSink sink) {
    if (message.hasRestResult() != message.getLast()) {
      throw answer.malformed(Breach.MISPLACED_END, "the rest's end is not where it says");
    }
    if (message.getLast()) {
      return;
    }
    if (!message.hasChunk()) {
      throw answer.malformed(Breach.WRONG_ANSWER, "it says " + message.getBodyCase().name());
    }
    QueueChunk chunk = message.getChunk();
    if (chunk.getQueue() != Queue.QUEUE_SEND) {
      throw answer.malformed(
          Breach.WRONG_QUEUE, "bytes that stay in the guest, of " + chunk.getConnection());
    }
    int left = outstanding.getOrDefault(chunk.getConnection(), 0) - chunk.getData().size();
    if (left < 0 || chunk.getData().isEmpty()) {
      throw answer.malformed(
          Breach.QUEUE_OVERRUN, "more than the rest of connection " + chunk.getConnection());
    }
    outstanding.put(chunk.getConnection(), left);
    sink.accept(chunk.getConnection(), chunk.getData().asReadOnlyByteBuffer());
  }
}
