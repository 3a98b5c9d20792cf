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
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.holdfast.agent.channel.HostGoneException;
import org.holdfast.agent.discovery.ConnectionFound;
import org.holdfast.agent.discovery.Discovery;
import org.holdfast.agent.discovery.SocketHolder;
import org.holdfast.agent.freeze.Freeze;
import org.holdfast.linux.KernelException;
import org.holdfast.proto.agent.v1.ExportResult;
import org.holdfast.proto.agent.v1.ExportedConnection;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.connection.v1.ConnectionState;
import org.holdfast.proto.connection.v1.Queue;
import org.holdfast.proto.connection.v1.QueueChunk;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpRepairException;
import org.holdfast.wire.ConnectionCodec;
import org.holdfast.wire.WireFormatException;

/**
 * One export: owners stand, every manageable connection is read and streamed to the host, owners
 * run again. What fails for one connection leaves that one to TCP and no other.
 */
final class ExportRun {
  private static final Logger LOGGER = System.getLogger(ExportRun.class.getName());

  /** Sockets can appear until the last owner stands; after this many looks, what is new is left. */
  private static final int MOST_LOOKS = 4;

  private final Discovery discovery;
  private final Duplicator duplicator;
  private final Reply reply;
  private final List<HeldConnection> held = new ArrayList<>();
  private final List<ConnectionFound> unmanaged = new ArrayList<>();
  private final Set<Integer> running = new HashSet<>();
  private final Map<Long, ConnectionFound> stale = new HashMap<>();

  ExportRun(Discovery discovery, Duplicator duplicator, Reply reply) {
    this.discovery = discovery;
    this.duplicator = duplicator;
    this.reply = reply;
  }

  /**
   * Does it, and answers the request.
   *
   * @param known connections of the last scan, whose owners are made to stand first
   * @param freeze empty; thawed when this returns or throws
   * @return what the host now speaks for
   * @throws HostGoneException if the host did not take all of it: nothing is held then
   */
  List<HeldConnection> run(Collection<ConnectionFound> known, Freeze freeze, Duration freezeBound)
      throws HostGoneException, AgentException {
    boolean complete = false;
    try {
      long begin = System.nanoTime();
      List<ConnectionFound> found = freezeOwners(known, freeze, begin + freezeBound.toNanos());
      long frozen = System.nanoTime();
      exportAll(found);
      if (!stale.isEmpty()) {
        exportStale(freeze, begin + freezeBound.toNanos());
      }
      freeze.thaw();
      long exported = System.nanoTime();
      reply.last(GuestMessage.newBuilder().setExportResult(result(begin, frozen, exported)));
      complete = true;
      return held;
    } finally {
      freeze.thaw();
      duplicator.close();
      if (!complete) {
        held.forEach(connection -> connection.socket().close());
      }
    }
  }

  private List<ConnectionFound> freezeOwners(
      Collection<ConnectionFound> known, Freeze freeze, long deadlineNanos) {
    Set<Integer> asked = new HashSet<>();
    Set<Integer> owners = owners(known);
    List<ConnectionFound> found = List.of();
    for (int look = 0; look < MOST_LOOKS && (look == 0 || !asked.containsAll(owners)); look++) {
      running.addAll(freeze.add(owners, Duration.ofNanos(deadlineNanos - System.nanoTime())));
      asked.addAll(owners);
      found = discovery.refresh();
      owners = owners(found);
    }
    owners.removeAll(asked);
    running.addAll(owners);
    return found;
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

  private void exportAll(List<ConnectionFound> found) throws HostGoneException, AgentException {
    for (ConnectionFound connection : found) {
      if (!connection.isManageable()) {
        unmanaged.add(connection);
      } else if (connection.holders().stream().map(SocketHolder::pid).anyMatch(running::contains)) {
        unmanaged.add(connection.left(UnmanagedReason.UNMANAGED_REASON_OWNER_NOT_FROZEN));
      } else {
        export(connection);
      }
    }
  }

  /**
   * A descriptor can change hands after /proc was read: a server passes what it accepted to a
   * worker. Then all of /proc is read once more, for those connections alone.
   */
  private void exportStale(Freeze freeze, long deadlineNanos)
      throws HostGoneException, AgentException {
    discovery.distrust();
    Map<Long, ConnectionFound> before = Map.copyOf(stale);
    stale.clear();
    List<ConnectionFound> again = new ArrayList<>();
    for (ConnectionFound connection : freezeOwners(List.of(), freeze, deadlineNanos)) {
      if (before.containsKey(connection.socket().inode())) {
        again.add(connection);
      }
    }
    exportAll(again);
    stale.forEach(
        (inode, connection) ->
            unmanaged.add(connection.left(UnmanagedReason.UNMANAGED_REASON_VANISHED)));
  }

  private void export(ConnectionFound connection) throws HostGoneException, AgentException {
    RepairSocket socket;
    try {
      socket = duplicator.duplicate(connection.holders().get(0));
    } catch (KernelException | TcpRepairException gone) {
      stale.put(connection.socket().inode(), connection);
      return;
    }
    boolean kept = false;
    try {
      kept = export(connection, socket);
    } catch (TcpRepairException | KernelException | WireFormatException e) {
      LOGGER.log(Level.WARNING, "a connection of " + connection.owner() + " is not exported: " + e);
      unmanaged.add(connection.left(UnmanagedReason.UNMANAGED_REASON_EXPORT_FAILED));
    } finally {
      if (!kept) {
        socket.close();
      }
    }
  }

  private boolean export(ConnectionFound connection, RepairSocket socket)
      throws WireFormatException, HostGoneException, AgentException {
    TcpExport export = socket.export(RepairSocket.AfterExport.LEAVE_SILENTLY);
    boolean same =
        export.snapshot().local().equals(connection.socket().local())
            && export.snapshot().peer().equals(connection.socket().peer());
    if (!same) {
      stale.put(connection.socket().inode(), connection);
      return false;
    }
    ConnectionState state = ConnectionCodec.encode(export.snapshot(), discovery.interfaces());
    int index = held.size();
    reply.part(
        GuestMessage.newBuilder()
            .setExported(
                ExportedConnection.newBuilder()
                    .setConnection(index)
                    .setState(state)
                    .setOwner(connection.owner())));
    // What the application has not read yet stays here with it: only the send queue travels.
    send(index, Queue.QUEUE_SEND, export.sendQueue());
    reply.writeSome();
    held.add(new HeldConnection(index, state.getId(), connection.socket().inode(), socket));
    return true;
  }

  private void send(int index, Queue queue, ByteBuffer bytes)
      throws HostGoneException, AgentException {
    for (int at = bytes.position(); at < bytes.limit(); at += AgentLimits.CHUNK_BYTES) {
      int length = Math.min(AgentLimits.CHUNK_BYTES, bytes.limit() - at);
      // The buffer is the socket's own until the next export; the chunk is encoded before that.
      reply.part(
          GuestMessage.newBuilder()
              .setChunk(
                  QueueChunk.newBuilder()
                      .setConnection(index)
                      .setQueue(queue)
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
