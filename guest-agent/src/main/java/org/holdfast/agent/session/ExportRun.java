package org.holdfast.agent.session;

import com.google.protobuf.UnsafeByteOperations;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.holdfast.agent.channel.HostGoneException;
import org.holdfast.agent.discovery.ConnectionFound;
import org.holdfast.agent.discovery.Discovery;
import org.holdfast.linux.KernelException;
import org.holdfast.proto.agent.v1.ExportResult;
import org.holdfast.proto.agent.v1.ExportedConnection;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.agent.v1.RestResult;
import org.holdfast.proto.connection.v1.ConnectionState;
import org.holdfast.proto.connection.v1.Queue;
import org.holdfast.proto.connection.v1.QueueChunk;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpRepairException;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.tcp.UrgentDataException;
import org.holdfast.wire.ConnectionCodec;
import org.holdfast.wire.WireFormatException;

/**
 * One export: owners stand, every manageable connection is read and streamed to the host. What
 * fails for one connection leaves that one to TCP and no other.
 *
 * <p>Peers wait for the export. What was never sent they do not wait for: where it is much, it
 * follows when the copies answer already.
 */
final class ExportRun {
  private static final Logger LOGGER = System.getLogger(ExportRun.class.getName());

  /** Less than this is on its way sooner than it is read a second time. */
  private static final int LITTLE_BYTES = 64 << 10;

  private final Discovery discovery;
  private final Duplicator duplicator;
  private final Reply reply;
  private final boolean hostTakesRest;
  private final Map<HeldConnection, Rest> rests = new LinkedHashMap<>();
  private final List<HeldConnection> held = new ArrayList<>();
  private final List<ConnectionFound> unmanaged = new ArrayList<>();
  private final Map<Long, ConnectionFound> stale = new HashMap<>();

  /**
   * What a connection has never sent.
   *
   * @param end sequence number behind it
   */
  private record Rest(RepairSocket.ReadAhead ahead, int bytes, int end) {}

  /**
   * @param hostTakesRest whether what was never sent may follow the rest of the answer
   */
  ExportRun(Discovery discovery, Duplicator duplicator, Reply reply, boolean hostTakesRest) {
    this.discovery = discovery;
    this.duplicator = duplicator;
    this.reply = reply;
    this.hostTakesRest = hostTakesRest;
  }

  /**
   * Does it, and answers the request but for what {@link #sendRest} is to send.
   *
   * @param ready owners that stand already, or are to; left standing
   * @return what the host now speaks for
   * @throws HostGoneException if the host did not take all of it: nothing is held then
   */
  List<HeldConnection> run(Readiness ready, Duration freezeBound)
      throws HostGoneException, AgentException {
    boolean complete = false;
    try {
      long begin = System.nanoTime();
      if (!ready.hasStood()) {
        ready.stand(ExportRun::owners, freezeBound);
      }
      long frozen = System.nanoTime();
      exportAll(ready, ready.found());
      if (!stale.isEmpty()) {
        exportStale(ready, freezeBound.minusNanos(System.nanoTime() - begin));
      }
      GuestMessage.Builder result =
          GuestMessage.newBuilder().setExportResult(result(begin, frozen, System.nanoTime()));
      if (rests.isEmpty()) {
        reply.last(result);
      } else {
        reply.part(result);
        reply.flush();
      }
      complete = true;
      return held;
    } finally {
      if (!complete) {
        held.forEach(connection -> connection.socket().close());
      }
    }
  }

  /**
   * Sends what was never sent, if there is any; the owners stand.
   *
   * @param bound for how long
   * @throws HostGoneException if the host did not take all of it: what it did not take stays here
   */
  void sendRest(Duration bound) throws HostGoneException, AgentException {
    if (rests.isEmpty()) {
      return;
    }
    long deadline = System.nanoTime() + bound.toNanos();
    for (Map.Entry<HeldConnection, Rest> entry : rests.entrySet()) {
      if (System.nanoTime() < deadline) {
        sendRest(entry.getKey(), entry.getValue());
      }
    }
    reply.last(GuestMessage.newBuilder().setRestResult(RestResult.getDefaultInstance()));
  }

  private void sendRest(HeldConnection connection, Rest rest)
      throws HostGoneException, AgentException {
    try {
      TcpExport now = connection.socket().exportOriginal(rest.ahead());
      ByteBuffer queue = now.sendQueue();
      if (now.snapshot().sendEnd() == rest.end() && queue.remaining() >= rest.bytes()) {
        send(connection.index(), queue.slice(queue.limit() - rest.bytes(), rest.bytes()));
        reply.writeSome();
      }
    } catch (TcpRepairException | KernelException ended) {
      LOGGER.log(Level.INFO, "connection " + connection.index() + " has no rest: " + ended);
    }
  }

  static Set<Integer> owners(Collection<ConnectionFound> connections) {
    Set<Integer> owners = new HashSet<>();
    for (ConnectionFound connection : connections) {
      if (connection.isManageable()) {
        connection.holders().forEach(holder -> owners.add(holder.pid()));
      }
    }
    return owners;
  }

  private void exportAll(Readiness ready, List<ConnectionFound> found)
      throws HostGoneException, AgentException {
    for (ConnectionFound connection : found) {
      if (!connection.isManageable()) {
        unmanaged.add(connection);
      } else if (ready.hasRunningOwner(connection)) {
        unmanaged.add(connection.left(UnmanagedReason.UNMANAGED_REASON_OWNER_NOT_FROZEN));
      } else {
        export(ready, connection);
      }
    }
  }

  /**
   * A descriptor can change hands after /proc was read: a server passes what it accepted to a
   * worker. Then all of /proc is read once more, for those connections alone.
   */
  private void exportStale(Readiness ready, Duration bound)
      throws HostGoneException, AgentException {
    discovery.distrust();
    Map<Long, ConnectionFound> before = Map.copyOf(stale);
    stale.clear();
    ready.stand(ExportRun::owners, bound);
    exportAll(
        ready,
        ready.found().stream()
            .filter(connection -> before.containsKey(connection.socket().inode()))
            .toList());
    stale.forEach(
        (inode, connection) ->
            unmanaged.add(connection.left(UnmanagedReason.UNMANAGED_REASON_VANISHED)));
  }

  private void export(Readiness ready, ConnectionFound connection)
      throws HostGoneException, AgentException {
    Readiness.Duplicate duplicate;
    try {
      duplicate = ready.take(connection, duplicator);
    } catch (KernelException | TcpRepairException gone) {
      stale.put(connection.socket().inode(), connection);
      return;
    }
    boolean kept = false;
    try {
      kept = export(connection, duplicate);
    } catch (UrgentDataException urgent) {
      unmanaged.add(connection.left(UnmanagedReason.UNMANAGED_REASON_URGENT_DATA));
    } catch (TcpRepairException | KernelException | WireFormatException e) {
      LOGGER.log(Level.WARNING, "a connection of " + connection.owner() + " is not exported: " + e);
      unmanaged.add(connection.left(UnmanagedReason.UNMANAGED_REASON_EXPORT_FAILED));
    } finally {
      if (!kept) {
        duplicate.socket().close();
      }
    }
  }

  private boolean export(ConnectionFound connection, Readiness.Duplicate duplicate)
      throws WireFormatException, HostGoneException, AgentException {
    TcpExport whole = duplicate.socket().exportOriginal(duplicate.ahead());
    boolean same =
        whole.snapshot().local().equals(connection.socket().local())
            && whole.snapshot().peer().equals(connection.socket().peer());
    if (!same) {
      stale.put(connection.socket().inode(), connection);
      return false;
    }
    int rest = restOf(whole.snapshot());
    TcpExport export = rest > 0 ? whole.withoutUnsent() : whole;
    ConnectionState state = ConnectionCodec.encode(export.snapshot(), discovery.interfaces());
    int index = held.size();
    reply.part(
        GuestMessage.newBuilder()
            .setExported(
                ExportedConnection.newBuilder()
                    .setConnection(index)
                    .setState(state)
                    .setOwner(connection.owner())
                    .setRestBytes(rest)));
    // What the application has not read yet stays here with it: only the send queue travels.
    send(index, export.sendQueue());
    reply.writeSome();
    HeldConnection exported =
        new HeldConnection(
            index,
            state.getId(),
            connection.socket().inode(),
            export.snapshot().userTimeoutMillis(),
            duplicate.socket());
    held.add(exported);
    if (rest > 0) {
      rests.put(exported, new Rest(duplicate.ahead(), rest, whole.snapshot().sendEnd()));
    }
    return true;
  }

  /** A FIN comes behind what is unsent: then all of it goes together. */
  private int restOf(TcpSnapshot connection) {
    boolean much = hostTakesRest && connection.unsentBytes() > LITTLE_BYTES;
    return much && !connection.state().finQueued() ? connection.unsentBytes() : 0;
  }

  private void send(int index, ByteBuffer bytes) throws HostGoneException, AgentException {
    for (int at = bytes.position(); at < bytes.limit(); at += AgentLimits.CHUNK_BYTES) {
      int length = Math.min(AgentLimits.CHUNK_BYTES, bytes.limit() - at);
      // The buffer is the socket's own until the next export; the chunk is encoded before that.
      reply.part(
          GuestMessage.newBuilder()
              .setChunk(
                  QueueChunk.newBuilder()
                      .setConnection(index)
                      .setQueue(Queue.QUEUE_SEND)
                      .setData(UnsafeByteOperations.unsafeWrap(bytes.slice(at, length)))));
    }
  }

  private ExportResult result(long begin, long frozen, long exported) {
    ExportResult.Builder result =
        ExportResult.newBuilder()
            .setConnections(held.size())
            .setFreezeMicros((frozen - begin) / 1000)
            .setExportMicros((exported - frozen) / 1000);
    // Those that stay inside the guest are many and lose nothing: they come last.
    unmanaged.stream()
        .sorted(Comparator.comparing(ExportRun::staysInside))
        .limit(AgentLimits.UNMANAGED_NAMED)
        .forEach(
            connection ->
                ConnectionReport.of(connection, discovery.interfaces())
                    .ifPresent(result::addUnmanaged));
    return result.build();
  }

  private static boolean staysInside(ConnectionFound connection) {
    return connection
        .unmanaged()
        .filter(UnmanagedReason.UNMANAGED_REASON_LOCAL::equals)
        .isPresent();
  }
}
