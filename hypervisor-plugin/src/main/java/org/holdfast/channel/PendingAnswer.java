package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.proto.agent.v1.AgentError;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.jspecify.annotations.Nullable;

/**
 * The answer to one request, as far as it has come. The reader puts messages in and waits while too
 * many lie there, so that a guest cannot fill the host's memory; the asking thread takes them out.
 * They lie there as bytes: a message taken apart can be fifty times as large.
 */
final class PendingAnswer implements AutoCloseable {
  private static final int CAPACITY = 32;
  private static final Parser<GuestMessage> MESSAGES =
      DiscardUnknownFieldsParser.wrap(GuestMessage.parser());

  private final String operation;
  private final long request;
  private final boolean repeated;
  private final Runnable onClose;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<ByteString> messages = new ArrayDeque<>();
  private @Nullable AgentFailure failure;
  private boolean closed;

  /**
   * @param operation to follow "cannot" and "refused to", e.g. "export the connections"
   * @param repeated whether the request is sent again until it is answered
   */
  PendingAnswer(String operation, long request, boolean repeated, Runnable onClose) {
    this.operation = operation;
    this.request = request;
    this.repeated = repeated;
    this.onClose = onClose;
  }

  long request() {
    return request;
  }

  /** Whether the request is sent again until it is answered: a lost answer does no harm. */
  boolean isRepeated() {
    return repeated;
  }

  /** Adds a message, still in bytes; waits while the answer is full and somebody still wants it. */
  void put(ByteString message) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (messages.size() >= CAPACITY && !closed) {
        changed.await();
      }
      if (!closed) {
        messages.add(message);
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** There will be no further message. */
  void fail(AgentFailure reason) {
    lock.lock();
    try {
      if (failure == null) {
        failure = reason;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next message.
   *
   * @throws AgentFailure if the agent refused, or none came before the deadline
   */
  GuestMessage next(Deadline deadline) {
    GuestMessage message = poll(deadline);
    if (message == null) {
      throw new AgentFailure(
          AgentFailure.Code.SILENT,
          "cannot " + operation + ": no answer from the agent within " + words(deadline.bound()));
    }
    return message;
  }

  /** As above, but null where none came in time. */
  @Nullable GuestMessage poll(Deadline deadline) {
    ByteString bytes;
    lock.lock();
    try {
      while (messages.isEmpty() && failure == null && !deadline.isOver()) {
        changed.await(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
      }
      bytes = messages.poll();
      if (bytes == null && failure != null) {
        throw failure.again();
      }
      changed.signalAll();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AgentFailure(
          AgentFailure.Code.INTERRUPTED, "interrupted while waiting to " + operation, interrupted);
    } finally {
      lock.unlock();
    }
    if (bytes == null) {
      return null;
    }
    GuestMessage message = parse(bytes);
    if (message.hasError()) {
      AgentError error = message.getError();
      throw AgentFailure.refused(operation, error.getCode(), GuestText.safe(error.getMessage()));
    }
    return message;
  }

  /** What a newer agent may say beyond what is known here is not kept. */
  private GuestMessage parse(ByteString bytes) {
    try {
      return MESSAGES.parseFrom(bytes);
    } catch (InvalidProtocolBufferException noMessage) {
      throw malformed(Breach.NO_MESSAGE, "a frame holds no message");
    }
  }

  /** The failure for an answer that breaks the protocol. */
  AgentFailure malformed(Breach breach, String explanation) {
    return new AgentFailure(
        AgentFailure.Code.MALFORMED,
        breach,
        "cannot %s: the agent's answer breaks the protocol (%s): %s"
            .formatted(operation, breach, explanation),
        null);
  }

  /** The failure for an answer beyond the bounds. */
  AgentFailure tooLarge(Breach breach, String explanation) {
    return new AgentFailure(
        AgentFailure.Code.TOO_LARGE,
        breach,
        "cannot %s: the agent says more than a guest may (%s): %s"
            .formatted(operation, breach, explanation),
        null);
  }

  /** Nobody waits any longer; what still comes is dropped. */
  @Override
  public void close() {
    onClose.run();
    lock.lock();
    try {
      closed = true;
      messages.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static String words(Duration bound) {
    return bound.toMillis() + " ms";
  }
}
