package org.holdfast.agent.session;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.holdfast.proto.agent.v1.AgentErrorCode;
import org.holdfast.proto.agent.v1.ConformRequest;
import org.holdfast.proto.connection.v1.ConnectionId;
import org.holdfast.proto.connection.v1.Queue;
import org.holdfast.proto.connection.v1.QueueChunk;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.wire.ConnectionCodec;
import org.holdfast.wire.InterfaceResolver;
import org.holdfast.wire.WireFormatException;

/**
 * What the host gives back, collected until a connection is complete, or the host says that this is
 * all. The bytes wait outside the Java heap. The first problem is remembered and answers the
 * commit: messages of a stream have no answers of their own.
 */
final class ConformBatch {
  /**
   * One connection given back.
   *
   * @param ahead received bytes that came before it, in order
   * @param rest is being filled up to its position
   */
  record Item(
      int index,
      ConnectionId id,
      TcpSnapshot reached,
      ByteString token,
      List<ByteBuffer> ahead,
      ByteBuffer rest) {

    /** How much was received on its behalf. */
    long receivedBytes() {
      return reached.receiveQueueBytes();
    }

    /** All that was received on its behalf, in order. */
    List<ByteBuffer> received() {
      List<ByteBuffer> all = new ArrayList<>(ahead);
      all.add(rest.duplicate().flip());
      return all;
    }
  }

  private static final ByteBuffer NO_BYTES = ByteBuffer.allocateDirect(0);

  /** That came, complete or not, taken or not. */
  private final Set<Integer> seen = new HashSet<>();

  private final Map<Integer, Item> incomplete = new LinkedHashMap<>();
  private final Deque<Item> ripe = new ArrayDeque<>();
  private final Map<Integer, List<ByteBuffer>> ahead = new HashMap<>();
  private final ProblemHolder problem = new ProblemHolder();
  private final long request;
  private long capacity;

  /**
   * @param request under which it comes
   */
  ConformBatch(long request) {
    this.request = request;
  }

  /** A batch no request has the number of. */
  static ConformBatch none() {
    return new ConformBatch(0);
  }

  /** Number of the request under which all of it comes. */
  long request() {
    return request;
  }

  /** Adds one connection. */
  void add(ConformRequest request, InterfaceResolver interfaces) {
    problem.guard(
        () -> {
          if (seen.size() >= AgentLimits.CONNECTIONS) {
            throw tooLarge("more than " + AgentLimits.CONNECTIONS + " connections");
          }
          TcpSnapshot reached;
          try {
            reached = ConnectionCodec.decode(request.getReached(), interfaces);
          } catch (WireFormatException e) {
            throw malformed("connection " + request.getConnection() + ": " + e.getMessage());
          }
          List<ByteBuffer> before = ahead.getOrDefault(request.getConnection(), List.of());
          ahead.remove(request.getConnection());
          int rest =
              reached.receiveQueueBytes() - before.stream().mapToInt(ByteBuffer::remaining).sum();
          if (rest < 0) {
            throw tooManyBytes(request.getConnection());
          }
          Item item =
              new Item(
                  request.getConnection(),
                  request.getReached().getId(),
                  reached,
                  request.getToken(),
                  before,
                  room(rest));
          if (!seen.add(request.getConnection())) {
            throw malformed("connection " + request.getConnection() + " comes twice");
          }
          incomplete.put(request.getConnection(), item);
          ripenIfComplete(item);
        });
  }

  /** Adds bytes of a connection. */
  void add(QueueChunk chunk) {
    problem.guard(
        () -> {
          if (chunk.getQueue() != Queue.QUEUE_RECEIVE) {
            throw malformed("a chunk of queue " + chunk.getQueue().name() + " is never sent here");
          }
          Item item = incomplete.get(chunk.getConnection());
          if (item == null) {
            addAhead(chunk);
          } else if (chunk.getData().size() > item.rest().remaining()) {
            throw tooManyBytes(chunk.getConnection());
          } else {
            chunk.getData().copyTo(item.rest());
            ripenIfComplete(item);
          }
        });
  }

  private void ripenIfComplete(Item item) {
    if (!item.rest().hasRemaining()) {
      incomplete.remove(item.index());
      ripe.add(item);
    }
  }

  private void addAhead(QueueChunk chunk) throws AgentException {
    ByteBuffer bytes = room(chunk.getData().size());
    chunk.getData().copyTo(bytes);
    ahead.computeIfAbsent(chunk.getConnection(), unused -> new ArrayList<>()).add(bytes.flip());
    if (ahead.size() > AgentLimits.CONNECTIONS) {
      throw tooLarge("bytes of more than " + AgentLimits.CONNECTIONS + " connections");
    }
  }

  /** Makes the commit fail, unless an earlier problem does already. */
  void refuse(AgentException exception) {
    problem.remember(exception);
  }

  /** Does something with the connections that are complete, each once, if there are any. */
  void withRipe(RipeStep step) {
    if (!ripe.isEmpty()) {
      problem.guard(() -> step.run(takeRipe()));
    }
  }

  /** Something that may be refused. */
  @FunctionalInterface
  interface RipeStep {
    void run(Collection<Item> ripe) throws AgentException;
  }

  private List<Item> takeRipe() {
    List<Item> taken = List.copyOf(ripe);
    ripe.clear();
    return taken;
  }

  /**
   * Everything collected that was not taken before.
   *
   * @throws AgentException the first problem there was
   */
  Collection<Item> complete(int connections) throws AgentException {
    problem.raise();
    if (!ahead.isEmpty()) {
      throw malformed("bytes came of connections that did not: " + ahead.keySet());
    }
    if (seen.size() != connections) {
      throw malformed(seen.size() + " connections came, the host speaks of " + connections);
    }
    List<Item> rest = new ArrayList<>(takeRipe());
    rest.addAll(incomplete.values());
    return rest;
  }

  private ByteBuffer room(int bytes) throws AgentException {
    if (bytes == 0) {
      return NO_BYTES.duplicate();
    }
    capacity += bytes;
    if (capacity > AgentLimits.RECEIVED_BYTES) {
      throw tooLarge("more than " + AgentLimits.RECEIVED_BYTES + " received bytes");
    }
    try {
      return ByteBuffer.allocateDirect(bytes);
    } catch (OutOfMemoryError e) {
      throw tooLarge("no memory for " + bytes + " received bytes");
    }
  }

  private static AgentException tooManyBytes(int connection) {
    return malformed("connection " + connection + " has more bytes than its state says");
  }

  private static AgentException malformed(String explanation) {
    return new AgentException(AgentErrorCode.AGENT_ERROR_CODE_MALFORMED, explanation);
  }

  private static AgentException tooLarge(String explanation) {
    return new AgentException(AgentErrorCode.AGENT_ERROR_CODE_TOO_LARGE, explanation);
  }
}
