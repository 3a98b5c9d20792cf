package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.holdfast.proto.agent.v1.ConformCommit;
import org.holdfast.proto.agent.v1.ConformRequest;
import org.holdfast.proto.agent.v1.ConformResult;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.agent.v1.HostMessage;
import org.holdfast.proto.connection.v1.Queue;
import org.holdfast.proto.connection.v1.QueueChunk;

/**
 * Hands connections over to the agent one by one, as they come from the holder. All its messages
 * carry one request number. For one thread at a time.
 */
public final class ConformTransfer implements AutoCloseable {
  /** Leaves room in a frame for what stands around the bytes. */
  static final int CHUNK_BYTES = 240 * 1024;

  /** An agent that reads slowly has the time of its own give-back, and not each frame's anew. */
  private static final Duration BOUND = Duration.ofMinutes(2);

  /** The agent conforms what it has while others are on their way; each write wakes the guest. */
  private static final int CONNECTIONS_A_WRITE = 8;

  private final ChannelTransport transport;
  private final ChannelOptions options;
  private final PendingAnswer answer;
  private final Deadline deadline = Deadline.in(BOUND);
  private int connections;

  /**
   * A connection and what was received on its behalf.
   *
   * @param received position to limit
   */
  public record Item(ConformRequest request, ByteBuffer received) {}

  ConformTransfer(ChannelTransport transport, ChannelOptions options) {
    this.transport = transport;
    this.options = options;
    this.answer = transport.expect("conform the connections");
  }

  /** A whole connection. */
  public void send(Item item) {
    connection(item.request());
    received(item.request().getConnection(), item.received());
  }

  /** What a connection has reached; its received bytes follow, in any number of calls. */
  public void connection(ConformRequest request) {
    say(HostMessage.newBuilder().setConform(request));
    if (++connections % CONNECTIONS_A_WRITE == 0) {
      transport.flush();
    }
  }

  /**
   * The next of the bytes received on a connection's behalf. They may come before the connection
   * itself, if the agent's hello says that it takes them ahead.
   *
   * @param received position to limit, any length; not to be changed before this returns
   */
  public void received(int connection, ByteBuffer received) {
    ByteBuffer rest = received.duplicate();
    while (rest.hasRemaining()) {
      ByteBuffer part = rest.slice(rest.position(), Math.min(CHUNK_BYTES, rest.remaining()));
      rest.position(rest.position() + part.remaining());
      ByteString data = UnsafeByteOperations.unsafeWrap(part);
      say(
          HostMessage.newBuilder()
              .setChunk(
                  QueueChunk.newBuilder()
                      .setConnection(connection)
                      .setQueue(Queue.QUEUE_RECEIVE)
                      .setData(data)));
    }
  }

  /**
   * All is handed over: the agent freezes the owners and conforms the sockets.
   *
   * @throws AgentFailure REFUSED if the agent could not; nothing is frozen then
   */
  public ConformResult commit(ConformCommit commit) {
    transport.say(
        HostMessage.newBuilder().setRequest(answer.request()).setConformCommit(commit).build());
    GuestMessage message =
        AgentChannel.one(
            answer,
            answer.next(Deadline.in(options.answerBound())),
            GuestMessage::hasConformResult);
    return GuestAnswers.conformed(message.getConformResult(), commit, answer);
  }

  /**
   * Lets go of the answer; a transfer not committed is forgotten by the agent with the next one.
   */
  @Override
  public void close() {
    answer.close();
  }

  private void say(HostMessage.Builder message) {
    if (deadline.isOver()) {
      throw new AgentFailure(
          AgentFailure.Code.SILENT,
          "the agent has not taken the connections within " + BOUND.toSeconds() + " s");
    }
    transport.sayWithNext(message.setRequest(answer.request()).build());
  }
}
