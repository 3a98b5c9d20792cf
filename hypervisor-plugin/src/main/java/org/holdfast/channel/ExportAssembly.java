package org.holdfast.channel;

import com.google.protobuf.ByteString;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.holdfast.proto.agent.v1.ExportResult;
import org.holdfast.proto.agent.v1.ExportedConnection;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.agent.v1.ScannedConnection;
import org.holdfast.proto.connection.v1.ConnectionState;
import org.holdfast.proto.connection.v1.Queue;
import org.holdfast.proto.connection.v1.QueueChunk;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.wire.ConnectionCodec;
import org.holdfast.wire.InterfaceResolver;
import org.holdfast.wire.MacAddress;
import org.holdfast.wire.WireFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Puts an export together from states and chunks of send queues, and passes each connection on when
 * it is whole. What the application has not read yet stays in the guest.
 *
 * <p>Where the agent breaks the order of things the whole export ends; where only one connection is
 * not as it should be, that one is refused and its chunks are dropped.
 */
final class ExportAssembly {
  private final PendingAnswer answer;
  private final GuestLimits limits;
  private final ExportSink sink;
  private final Set<Integer> seen = new HashSet<>();
  private final Map<Integer, Growing> growing = new HashMap<>();
  private final RestAssembly rest = new RestAssembly();
  private long promisedBytes;
  private @Nullable ExportResult result;

  /** A connection whose queues are still coming. */
  private record Growing(
      @Nullable TcpSnapshot snapshot, ExportedConnection said, GrowingQueue sendQueue) {}

  ExportAssembly(PendingAnswer answer, GuestLimits limits, ExportSink sink) {
    this.answer = answer;
    this.limits = limits;
    this.sink = sink;
  }

  void add(GuestMessage message) {
    switch (message.getBodyCase()) {
      case EXPORTED -> begin(message.getExported());
      case CHUNK -> grow(message.getChunk());
      case EXPORT_RESULT -> finish(message.getExportResult());
      default ->
          throw answer.malformed(Breach.WRONG_ANSWER, "it says " + message.getBodyCase().name());
    }
    if (message.getLast() != (result != null && rest.isEmpty())) {
      throw answer.malformed(Breach.MISPLACED_END, "its end is not where it says");
    }
  }

  /** Whether all connections are there; what they have never sent may follow. */
  boolean isComplete() {
    return result != null;
  }

  /** What is still to come. */
  RestAssembly rest() {
    return rest;
  }

  ExportResult result() {
    if (result == null) {
      throw answer.malformed(Breach.MISPLACED_END, "it has no end");
    }
    return result;
  }

  private void begin(ExportedConnection exported) {
    int index = exported.getConnection();
    if (!seen.add(index)) {
      throw answer.malformed(Breach.CONNECTION_TWICE, "connection " + index + " is there twice");
    }
    if (seen.size() > limits.connections()) {
      throw answer.tooLarge(
          Breach.TOO_MANY_CONNECTIONS, "more than " + limits.connections() + " connections");
    }
    if (exported.getRestBytes() != 0) {
      rest.expect(index, queueBytes(exported.getRestBytes()));
    }
    Growing connection = accept(index, exported);
    if (connection.sendQueue().isWhole()) {
      pass(index, connection);
    } else {
      growing.put(index, connection);
    }
  }

  private Growing accept(int index, ExportedConnection exported) {
    ConnectionState state = exported.getState();
    TcpSnapshot snapshot = null;
    try {
      snapshot = ConnectionCodec.decode(state, AnyInterface.INSTANCE);
      if (!snapshot.state().isManageable()) {
        snapshot =
            refuse(
                index,
                state,
                UnmanagedReason.UNMANAGED_REASON_EXPORT_FAILED,
                "exported in state " + snapshot.state());
      } else if (isWithItself(snapshot)) {
        snapshot =
            refuse(
                index,
                state,
                UnmanagedReason.UNMANAGED_REASON_EXPORT_FAILED,
                "its peer is the VM itself");
      } else if (exceedsLimits(snapshot, exported.getRestBytes())) {
        snapshot =
            refuse(
                index,
                state,
                UnmanagedReason.UNMANAGED_REASON_QUEUE_TOO_LARGE,
                "its queues exceed what this host holds for one guest");
      }
    } catch (WireFormatException unsound) {
      snapshot =
          refuse(
              index,
              state,
              UnmanagedReason.UNMANAGED_REASON_EXPORT_FAILED,
              String.valueOf(unsound.getMessage()));
    }
    return new Growing(
        snapshot,
        exported.toBuilder().setOwner(GuestText.safe(exported.getOwner())).build(),
        new GrowingQueue(queueBytes(state.getSendQueueBytes()), snapshot != null));
  }

  private @Nullable TcpSnapshot refuse(
      int index, ConnectionState state, UnmanagedReason reason, String detail) {
    sink.refused(index, GuestIds.safe(state.getId()), reason, detail);
    return null;
  }

  /** The copy would speak to itself, or to its own host's loopback. */
  private static boolean isWithItself(TcpSnapshot snapshot) {
    InetAddress peer = snapshot.peer().getAddress();
    return peer.isLoopbackAddress() || peer.equals(snapshot.local().getAddress());
  }

  /** A refused connection's chunks are counted all the same, but never beyond this. */
  private int queueBytes(int said) {
    if (said < 0 || said > ConnectionCodec.MAXIMUM_QUEUE_BYTES) {
      throw answer.tooLarge(
          Breach.IMPOSSIBLE_QUEUE, "a queue of " + Integer.toUnsignedString(said) + " bytes");
    }
    return said;
  }

  private boolean exceedsLimits(TcpSnapshot snapshot, int restBytes) {
    long bytes = snapshot.sendQueueBytes() + Integer.toUnsignedLong(restBytes);
    if (bytes > limits.queueBytesPerConnection() || promisedBytes + bytes > limits.queueBytes()) {
      return true;
    }
    promisedBytes += bytes;
    return false;
  }

  private void grow(QueueChunk chunk) {
    int index = chunk.getConnection();
    Growing connection = growing.get(index);
    if (connection == null) {
      throw answer.malformed(
          Breach.UNASKED_BYTES, "bytes for connection " + index + ", which needs none");
    }
    if (chunk.getQueue() != Queue.QUEUE_SEND) {
      throw answer.malformed(
          Breach.WRONG_QUEUE, "bytes that stay in the guest, of connection " + index);
    }
    if (!connection.sendQueue().add(chunk.getData())) {
      throw answer.malformed(
          Breach.QUEUE_OVERRUN,
          "the send queue of connection " + index + " is longer than its state says");
    }
    if (connection.sendQueue().isWhole()) {
      growing.remove(index);
      pass(index, connection);
    }
  }

  private void finish(ExportResult exportResult) {
    if (!growing.isEmpty()) {
      throw answer.malformed(
          Breach.QUEUE_WITH_HOLES,
          "the send queues of " + growing.size() + " connections have holes");
    }
    if (exportResult.getUnmanagedCount() > limits.connections()) {
      throw answer.tooLarge(
          Breach.TOO_MANY_CONNECTIONS, exportResult.getUnmanagedCount() + " unmanaged connections");
    }
    ExportResult.Builder safe = exportResult.toBuilder().clearUnmanaged();
    for (ScannedConnection unmanaged : exportResult.getUnmanagedList()) {
      safe.addUnmanaged(ScanAssembly.safe(unmanaged));
    }
    result = safe.build();
  }

  private void pass(int index, Growing connection) {
    if (connection.snapshot() != null) {
      sink.exported(
          new GuestConnection(
              index,
              new TcpExport(
                  connection.snapshot(),
                  ByteBuffer.allocate(0).asReadOnlyBuffer(),
                  connection.sendQueue().bytes()),
              interfaceMac(connection.said().getState()),
              connection.said()));
    }
  }

  private static Optional<MacAddress> interfaceMac(ConnectionState state) {
    byte[] octets = state.getId().getLocal().getInterfaceMac().toByteArray();
    return octets.length == MacAddress.BYTES
        ? Optional.of(MacAddress.of(octets))
        : Optional.empty();
  }

  /**
   * One queue; bytes of a refused connection are counted and dropped. Memory is taken as bytes
   * come, not as they are promised.
   */
  private static final class GrowingQueue {
    private final int length;
    private final boolean wanted;
    private int arrived;
    private ByteBuffer bytes = ByteBuffer.allocate(0);

    GrowingQueue(int length, boolean wanted) {
      this.length = length;
      this.wanted = wanted;
    }

    boolean isWhole() {
      return arrived == length;
    }

    boolean add(ByteString data) {
      if (data.isEmpty() || data.size() > length - arrived) {
        return false;
      }
      if (wanted && data.size() == length) {
        bytes = data.asReadOnlyByteBuffer();
      } else if (wanted) {
        makeRoom(arrived + data.size());
        data.copyTo(bytes.array(), arrived);
        bytes.limit(arrived + data.size());
      }
      arrived += data.size();
      return true;
    }

    private void makeRoom(int needed) {
      if (needed > bytes.capacity()) {
        int larger = (int) Math.min(length, Math.max(needed, 2L * bytes.capacity()));
        bytes = ByteBuffer.wrap(Arrays.copyOf(bytes.array(), larger));
      }
      bytes.clear();
    }

    ByteBuffer bytes() {
      return bytes.asReadOnlyBuffer();
    }
  }

  /** Which interface a link-local address belongs to is said beside the snapshot. */
  private static final class AnyInterface implements InterfaceResolver {
    static final AnyInterface INSTANCE = new AnyInterface();

    @Override
    public Optional<MacAddress> macOf(int interfaceIndex) {
      return Optional.empty();
    }

    @Override
    public OptionalInt indexOf(MacAddress mac) {
      return OptionalInt.of(0);
    }
  }
}
