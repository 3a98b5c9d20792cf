package org.holdfast.agent.session;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.holdfast.agent.discovery.ConnectionFound;
import org.holdfast.agent.discovery.Discovery;
import org.holdfast.agent.freeze.Freeze;
import org.holdfast.linux.KernelException;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.TcpRepairException;
import org.jspecify.annotations.Nullable;

/**
 * What can be done before a blackout, done: the owners of connections stand, and which connections
 * there are is known. Nothing of that changes any more: an owner that stands opens, closes and
 * passes on nothing.
 */
final class Readiness {
  /** Sockets can appear until the last owner stands; after this many looks, what is new is left. */
  private static final int MOST_LOOKS = 4;

  private final Discovery discovery;
  private final Freeze freeze;
  private final Set<Integer> asked = new HashSet<>();
  private final Set<Integer> running = new HashSet<>();
  private final Map<Long, Duplicate> duplicates = new HashMap<>();
  private final Map<HeldConnection, RepairSocket.ReadAhead> ahead = new HashMap<>();
  private List<ConnectionFound> found = List.of();
  private boolean stood;
  private @Nullable ExpectedTokens tokens;

  /** Our own descriptor of a socket, and what was read of it already. */
  record Duplicate(RepairSocket socket, RepairSocket.ReadAhead ahead) {}

  /**
   * @param freeze empty
   */
  Readiness(Discovery discovery, Freeze freeze) {
    this.discovery = discovery;
    this.freeze = freeze;
  }

  /**
   * Brings owners to a stand until no connection has another. Nobody is asked to stand before all
   * that is known of the owners has been looked up.
   *
   * @param owners whose of the connections found
   * @param bound how long they may take; looking them up first may take longer, where there are
   *     thousands of connections, but nobody stands meanwhile
   */
  void stand(Function<Collection<ConnectionFound>, Set<Integer>> owners, Duration bound) {
    found = discovery.refresh();
    Set<Integer> wanted = owners.apply(found);
    long deadline = System.nanoTime() + bound.toNanos();
    for (int look = 0; look < MOST_LOOKS && (look == 0 || !asked.containsAll(wanted)); look++) {
      running.addAll(freeze.add(wanted, Duration.ofNanos(deadline - System.nanoTime())));
      asked.addAll(wanted);
      found = discovery.refresh();
      wanted = owners.apply(found);
    }
    wanted.removeAll(asked);
    running.addAll(wanted);
    stood = true;
  }

  /**
   * Before a takeover: owners stand, and their sockets are duplicated and read as far as may be.
   */
  void forExport(IntFunction<RepairSocket> sockets, Duration bound) {
    stand(ExportRun::owners, bound);
    try (Duplicator duplicator = new Duplicator(sockets)) {
      duplicate(duplicator);
    }
  }

  /**
   * Before a give-back: owners stand, their sockets are read, and the tokens are known.
   *
   * @param domainUuid the domain whose tokens they are; empty if that is not known yet
   */
  void forConform(Held.Exported exported, String domainUuid, Duration bound) {
    if (!stood) { // who has stood since the export has opened, closed and passed on nothing
      stand(connections -> ConformRun.owners(connections, exported), bound);
    }
    if (running.isEmpty()) { // who runs would find its socket in repair
      readAhead(exported.connections());
    }
    if (!domainUuid.isEmpty()) {
      tokens(exported, domainUuid);
    }
  }

  /** Whether {@link #stand} has been called. */
  boolean hasStood() {
    return stood;
  }

  /**
   * Duplicates what can be exported; what cannot be duplicated is left to the export to explain.
   */
  private void duplicate(Duplicator duplicator) {
    for (ConnectionFound connection : found) {
      if (connection.isManageable() && !hasRunningOwner(connection)) {
        try {
          duplicates.put(connection.socket().inode(), duplicate(connection, duplicator));
        } catch (KernelException | TcpRepairException gone) {
          continue;
        }
      }
    }
  }

  private static Duplicate duplicate(ConnectionFound connection, Duplicator duplicator) {
    RepairSocket socket = duplicator.duplicate(connection.holders().get(0));
    boolean done = false;
    try {
      Duplicate duplicate =
          new Duplicate(socket, socket.readAhead(RepairSocket.Stillness.OWNERS_STAND));
      done = true;
      return duplicate;
    } finally {
      if (!done) {
        socket.close();
      }
    }
  }

  /** Reads connections that are to be conformed; what cannot be read is left to that to explain. */
  private void readAhead(Collection<HeldConnection> connections) {
    ahead.clear(); // of an attempt that came to nothing
    for (HeldConnection connection : connections) {
      try {
        ahead.put(connection, connection.socket().readAhead(RepairSocket.Stillness.FENCED));
      } catch (TcpRepairException ended) {
        continue;
      }
    }
  }

  /** What was read of a connection, or is read now. */
  RepairSocket.ReadAhead aheadOf(HeldConnection connection) {
    RepairSocket.ReadAhead early = ahead.remove(connection);
    return early == null ? connection.socket().readAhead(RepairSocket.Stillness.FENCED) : early;
  }

  /** The connections, as they were when the last owner stood. */
  List<ConnectionFound> found() {
    return found;
  }

  /** Owners that may not be made to stand, or did not in time. */
  Set<Integer> running() {
    return running;
  }

  boolean hasRunningOwner(ConnectionFound connection) {
    return connection.holders().stream().anyMatch(holder -> running.contains(holder.pid()));
  }

  /** The duplicate of a socket, which is the caller's from now on; a new one if there is none. */
  Duplicate take(ConnectionFound connection, Duplicator duplicator) {
    Duplicate early = duplicates.remove(connection.socket().inode());
    return early == null ? duplicate(connection, duplicator) : early;
  }

  /** The tokens that what is held must carry; the same ones each time for the same domain. */
  ExpectedTokens tokens(Held.Exported exported, String domainUuid) {
    ExpectedTokens known = tokens;
    if (known == null || !known.isOf(domainUuid)) {
      known = new ExpectedTokens(exported, domainUuid);
      tokens = known;
    }
    return known;
  }

  /** The domain whose tokens are known, if all owners stand: then nothing is left to be done. */
  Optional<String> expectedDomain() {
    return stood && running.isEmpty()
        ? Optional.ofNullable(tokens).map(ExpectedTokens::domainUuid)
        : Optional.empty();
  }

  Freeze freeze() {
    return freeze;
  }

  /** Nobody needs to stand any more; duplicates that nobody took are closed. */
  void callOff() {
    freeze.thaw();
    closeDuplicates();
  }

  /** Those that nobody took. */
  void closeDuplicates() {
    duplicates.values().forEach(duplicate -> duplicate.socket().close());
    duplicates.clear();
  }
}
