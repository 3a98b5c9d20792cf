package org.holdfast.agent;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.linux.LinuxTcpSockets;
import org.holdfast.linux.NetworkNamespaces;
import org.holdfast.linux.NetworkNamespaces.Place;
import org.holdfast.proto.agent.v1.ConformCommit;
import org.holdfast.proto.agent.v1.ConformRequest;
import org.holdfast.proto.agent.v1.ConformResult;
import org.holdfast.proto.agent.v1.ExportRequest;
import org.holdfast.proto.agent.v1.ExportResult;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.agent.v1.HostMessage;
import org.holdfast.proto.agent.v1.ReleaseRequest;
import org.holdfast.proto.agent.v1.ReleaseResult;
import org.holdfast.proto.agent.v1.Ticket;
import org.holdfast.proto.connection.v1.ConnectionState;
import org.holdfast.proto.connection.v1.Queue;
import org.holdfast.proto.connection.v1.QueueChunk;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.TcpExport;
import org.holdfast.wire.ConnectionCodec;
import org.holdfast.wire.ConnectionToken;
import org.holdfast.wire.InterfaceResolver;
import org.holdfast.wire.WireFormatException;

/** What the host does between an export and a give-back, in a namespace of the test. */
final class Holder implements AutoCloseable {
  static final String DOMAIN = "6a1f0e86-3c0e-4d3c-8ed0-0d3f6f0a5d01";
  static final Ticket TICKET =
      Ticket.newBuilder()
          .setMigrationId("migration-1")
          .setHolder("kvm1:16550")
          .setSecret(ByteString.copyFrom(new byte[32]))
          .build();

  private static final int DEEP_BYTES = 8 << 20;
  private static final int CHUNK_BYTES = 100_000;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** A connection as it was exported, and the copy that speaks for it. */
  private record Copy(
      RepairSocket socket, ConnectionState exported, ByteArrayOutputStream received) {

    /** What came is read as it comes, so that the window stays open. */
    void takeReceived(ByteBuffer into) {
      socket.discardReceived(socket.peekReceived(into.clear()));
      byte[] bytes = new byte[into.flip().remaining()];
      into.get(bytes);
      received.writeBytes(bytes);
    }
  }

  private final NetworkNamespaces network;
  private HostSide host;
  private double restTaken = 1;
  private Duration standing = Duration.ZERO;
  private final Map<Integer, Copy> copies = new LinkedHashMap<>();

  Holder(NetworkNamespaces network, HostSide host) {
    this.network = network;
    this.host = host;
  }

  /** Another agent has come in the place of the first. */
  void meet(HostSide another) {
    host = another;
  }

  int connections() {
    return copies.size();
  }

  /** Fence, export, recreate, open, release. */
  ExportResult takeOver() throws IOException {
    network.fence(Place.GUEST);
    HostMessage.Builder request = exportRequest();
    request.getExportBuilder().setStandMillis((int) standing.toMillis());
    List<GuestMessage> answer = host.ask(request);
    Map<Integer, ByteArrayOutputStream> receive = new LinkedHashMap<>();
    Map<Integer, ByteArrayOutputStream> send = new LinkedHashMap<>();
    Map<Integer, ByteArrayOutputStream> unsent = new LinkedHashMap<>();
    Map<Integer, ConnectionState> states = new LinkedHashMap<>();
    ExportResult result = null;
    for (GuestMessage message : answer) {
      if (message.hasExported()) {
        states.put(message.getExported().getConnection(), message.getExported().getState());
      } else if (message.hasChunk()) {
        QueueChunk chunk = message.getChunk();
        (chunk.getQueue() != Queue.QUEUE_SEND ? receive : result == null ? send : unsent)
            .computeIfAbsent(chunk.getConnection(), unused -> new ByteArrayOutputStream())
            .writeBytes(chunk.getData().toByteArray());
      } else if (message.hasExportResult()) {
        result = message.getExportResult();
      }
    }
    if (result == null) {
      throw new IOException("no export: " + answer.get(answer.size() - 1));
    }
    for (Map.Entry<Integer, ConnectionState> entry : states.entrySet()) {
      TcpExport export =
          new TcpExport(
              decode(entry.getValue()),
              bytes(receive.get(entry.getKey())),
              bytes(send.get(entry.getKey())));
      copies.put(
          entry.getKey(),
          new Copy(recreate(export), entry.getValue(), new ByteArrayOutputStream()));
    }
    network.open(Place.HOLDER);
    copies.values().forEach(copy -> copy.socket().release());
    copies.forEach(
        (index, copy) -> {
          ByteBuffer rest = bytes(unsent.get(index));
          copy.socket().append(rest.limit((int) (rest.limit() * restTaken)));
        });
    return result;
  }

  /** From the next takeover on. */
  void haveOwnersStandFor(Duration bound) {
    standing = bound;
  }

  /**
   * @param share of what was never sent that this holder takes, 0 to 1; all of it, if never told
   */
  void takeOfTheRest(double share) {
    restTaken = share;
  }

  /** Waits until every peer has sent something to its copy. */
  void awaitReceived() throws InterruptedException {
    ByteBuffer into = ByteBuffer.allocateDirect(CHUNK_BYTES);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (copies.values().stream().anyMatch(copy -> copy.received().size() == 0)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("nothing comes from the peers of some copies");
      }
      Thread.sleep(20);
      copies.values().forEach(copy -> copy.takeReceived(into));
    }
  }

  static HostMessage.Builder exportRequest() {
    return HostMessage.newBuilder()
        .setExport(
            ExportRequest.newBuilder()
                .setTicket(TICKET)
                .setFreezeBoundMillis(2000)
                .setTakesRest(true));
  }

  private RepairSocket recreate(TcpExport export) {
    return network
        .in(Place.HOLDER)
        .call(
            () -> {
              RepairSocket socket = new LinuxTcpSockets().create(export.snapshot().family());
              socket.recreate(export, DEEP_BYTES);
              return socket;
            });
  }

  /** Fence, export the copies, conform; the guest's sockets are in repair then. */
  ConformResult conform() throws IOException {
    GuestMessage answer = tryConform(DOMAIN);
    if (!answer.hasConformResult()) {
      throw new IOException("not conformed: " + answer);
    }
    return answer.getConformResult();
  }

  /**
   * The same, whatever the answer.
   *
   * @param tokensOf the domain whose tokens are shown
   */
  GuestMessage tryConform(String tokensOf) throws IOException {
    long request = giveBack(copies.size(), tokensOf);
    return host.askOne(
        HostMessage.newBuilder()
            .setRequest(request)
            .setConformCommit(
                ConformCommit.newBuilder()
                    .setMigrationId(TICKET.getMigrationId())
                    .setDomainUuid(DOMAIN)
                    .setConnections(copies.size())));
  }

  /**
   * Fence, export of some copies, and no commit.
   *
   * @return the request under which it went to the agent
   */
  long giveBack(int connections, String tokensOf) throws IOException {
    network.fence(Place.HOLDER);
    ConnectionToken token =
        new ConnectionToken(TICKET.getSecret(), TICKET.getMigrationId(), tokensOf);
    long request = host.nextRequest();
    for (Map.Entry<Integer, Copy> entry : copies.entrySet().stream().limit(connections).toList()) {
      conform(request, entry.getKey(), entry.getValue(), token);
    }
    return request;
  }

  private void conform(long request, int index, Copy copy, ConnectionToken token)
      throws IOException {
    TcpExport reached = copy.socket().export(RepairSocket.AfterExport.STAY_IN_REPAIR);
    ByteBuffer received = all(copy.received().toByteArray(), reached.receiveQueue());
    // What the guest had not read when it was exported it has itself.
    ConnectionState state = encode(reached);
    int beyond = state.getReceiveEnd() - copy.exported().getReceiveEnd();
    state = state.toBuilder().setReceiveQueueBytes(beyond).build();
    received.position(received.limit() - beyond);
    sendReceived(request, index, received.slice(received.position(), received.remaining() / 2));
    received.position(received.position() + received.remaining() / 2);
    host.write(
        HostMessage.newBuilder()
            .setRequest(request)
            .setConform(
                ConformRequest.newBuilder()
                    .setConnection(index)
                    .setReached(state)
                    .setToken(token.of(copy.exported().getId())))
            .build());
    sendReceived(request, index, received);
  }

  private static ByteBuffer all(byte[] taken, ByteBuffer queue) {
    return ByteBuffer.allocate(taken.length + queue.remaining())
        .put(taken)
        .put(queue.duplicate())
        .flip();
  }

  /** Some of it may come before the connection. */
  private void sendReceived(long request, int index, ByteBuffer received) throws IOException {
    while (received.hasRemaining()) {
      byte[] part = new byte[Math.min(CHUNK_BYTES, received.remaining())];
      received.get(part);
      host.write(
          HostMessage.newBuilder()
              .setRequest(request)
              .setChunk(
                  QueueChunk.newBuilder()
                      .setConnection(index)
                      .setQueue(Queue.QUEUE_RECEIVE)
                      .setData(ByteString.copyFrom(part)))
              .build());
    }
  }

  /** Open, release, and the copies go silently. */
  ReleaseResult release() throws IOException {
    network.open(Place.GUEST);
    GuestMessage answer =
        host.askOne(
            HostMessage.newBuilder()
                .setRelease(ReleaseRequest.newBuilder().setMigrationId(TICKET.getMigrationId())));
    if (!answer.hasReleaseResult()) {
      throw new IOException("not released: " + answer);
    }
    close();
    return answer.getReleaseResult();
  }

  private static org.holdfast.tcp.TcpSnapshot decode(ConnectionState state) throws IOException {
    try {
      return ConnectionCodec.decode(state, InterfaceResolver.none());
    } catch (WireFormatException e) {
      throw new IOException(e);
    }
  }

  private static ConnectionState encode(TcpExport export) throws IOException {
    try {
      return ConnectionCodec.encode(export.snapshot(), InterfaceResolver.none());
    } catch (WireFormatException e) {
      throw new IOException(e);
    }
  }

  private static ByteBuffer bytes(@org.jspecify.annotations.Nullable ByteArrayOutputStream from) {
    return from == null ? ByteBuffer.allocate(0) : ByteBuffer.wrap(from.toByteArray());
  }

  @Override
  public void close() {
    copies.values().forEach(copy -> copy.socket().close());
    copies.clear();
  }
}
