package org.holdfast.agent.session;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.holdfast.agent.conntrack.ConntrackRenewal;
import org.holdfast.agent.discovery.ConnectionFound;
import org.holdfast.agent.freeze.Freeze;
import org.holdfast.linux.KernelException;
import org.holdfast.proto.agent.v1.AgentErrorCode;
import org.holdfast.proto.agent.v1.ConformResult;
import org.holdfast.proto.agent.v1.ConformedConnection;
import org.holdfast.proto.connection.v1.ConnectionId;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.TcpRepairException;

/**
 * One give-back: owners stand, tokens are checked, and the guest's own sockets take the state their
 * copies have reached. Afterwards they are in repair, and their owners go on standing.
 */
final class ConformRun {
  private static final Logger LOGGER = System.getLogger(ConformRun.class.getName());

  /** So much always finds room: {@link Session} has seen to it before the blackout. */
  static final long LITTLE_BYTES = 256 << 10;

  private final Held.Exported exported;
  private final ConntrackRenewal conntrack;
  private final SocketMemory memory;
  private final Readiness ready;
  private final ExpectedTokens tokens;
  private final Map<ConnectionId, HeldConnection> outstanding = new HashMap<>();
  private final List<HeldConnection> conformed = new ArrayList<>();
  private final ConformResult.Builder result = ConformResult.newBuilder();
  private boolean tracked;
  private long conformNanos;
  private long unseenBytes;

  /** The kernel has forgotten them, and is given them again at the release. */
  private long unsentBytes;

  private long unsentSeenBytes;

  /**
   * @param kernel of the guest
   * @param ready owners that stand already, or are to; left standing on success
   * @param tokens that connections must carry
   */
  ConformRun(Held.Exported exported, GuestKernel kernel, Readiness ready, ExpectedTokens tokens) {
    this.exported = exported;
    this.conntrack = kernel.conntrack();
    this.memory = kernel.memory();
    this.ready = ready;
    this.tokens = tokens;
    exported.connections().forEach(connection -> outstanding.put(connection.id(), connection));
  }

  /** The sockets that are in repair now. */
  List<HeldConnection> conformed() {
    return conformed;
  }

  /** The owners that stand. */
  Freeze freeze() {
    return ready.freeze();
  }

  /**
   * Brings the owners to a stand.
   *
   * @throws AgentException FREEZE_TIMEOUT if some do not; the stand is the caller's to end
   */
  void begin() throws AgentException {
    long begin = System.nanoTime();
    freezeOwners();
    result.setFreezeMicros((System.nanoTime() - begin) / 1000);
    tracked = conntrack.isNeeded();
  }

  /**
   * Conforms some of the connections.
   *
   * @throws AgentException WRONG_TICKET before the first of them that carries no token of this
   *     ticket; what was conformed before stays so, and is the caller's to undo
   */
  void conform(Collection<ConformBatch.Item> items) throws AgentException {
    long begin = System.nanoTime();
    makeRoom(items);
    for (ConformBatch.Item item : items) {
      if (!tokens.matches(item.id(), item.token())) {
        throw new AgentException(
            AgentErrorCode.AGENT_ERROR_CODE_WRONG_TICKET,
            "connection " + item.index() + " carries no token of this ticket");
      }
      HeldConnection connection = outstanding.remove(item.id());
      result.addConnections(
          connection == null
              ? problem(item, "this connection was not exported, or comes twice")
              : conform(connection, item));
    }
    conformNanos += System.nanoTime() - begin;
  }

  /** Little is not worth a look in a blackout. */
  private void makeRoom(Collection<ConformBatch.Item> items) {
    unseenBytes += items.stream().mapToLong(ConformBatch.Item::receivedBytes).sum();
    if (unseenBytes + unsentBytes - unsentSeenBytes > LITTLE_BYTES) {
      memory.makeRoomFor(unseenBytes + unsentBytes);
      unseenBytes = 0;
      unsentSeenBytes = unsentBytes;
    }
  }

  /**
   * All that the host gives back is conformed.
   *
   * @throws AgentException WRONG_TICKET if it was given back to another domain
   */
  ConformResult finish(String domainUuid) throws AgentException {
    if (!tokens.isOf(domainUuid)) {
      throw new AgentException(
          AgentErrorCode.AGENT_ERROR_CODE_WRONG_TICKET,
          "connections were made ready for another domain");
    }
    if (unsentBytes > LITTLE_BYTES) {
      memory.makeRoomFor(unsentBytes);
    }
    return result.setConformMicros(conformNanos / 1000).build();
  }

  /**
   * Owners that have run since the export may have forked, or passed a socket on: they are looked
   * up anew.
   */
  private void freezeOwners() throws AgentException {
    if (!ready.hasStood()) {
      ready.stand(found -> owners(found, exported), exported.freezeBound());
    }
    Set<Integer> running = ready.running();
    if (!running.isEmpty()) {
      throw new AgentException(
          AgentErrorCode.AGENT_ERROR_CODE_FREEZE_TIMEOUT,
          "processes that do not stand still in time: " + running + "; try again");
    }
  }

  /** Who has descriptors of the exported connections now. */
  static Set<Integer> owners(Collection<ConnectionFound> found, Held.Exported exported) {
    Set<Long> inodes = new HashSet<>();
    exported.connections().forEach(connection -> inodes.add(connection.inode()));
    Set<Integer> owners = new HashSet<>();
    for (ConnectionFound connection : found) {
      if (inodes.contains(connection.socket().inode())) {
        connection.holders().forEach(holder -> owners.add(holder.pid()));
      }
    }
    owners.remove((int) ProcessHandle.current().pid());
    return owners;
  }

  private ConformedConnection conform(HeldConnection connection, ConformBatch.Item item) {
    try {
      RepairSocket.Conformed result =
          connection.socket().conform(item.reached(), item.received(), ready.aheadOf(connection));
      conformed.add(connection);
      unsentBytes += result.unsent();
      if (tracked) {
        conntrack.renew(item.reached());
      }
      return ConformedConnection.newBuilder()
          .setConnection(item.index())
          .setConformed(true)
          .setBytesHandedOver(result.handedOver())
          .setBytesAcknowledged(result.acknowledged())
          .setBytesWrittenSince(result.writtenSince())
          .build();
    } catch (TcpRepairException | KernelException e) {
      LOGGER.log(Level.WARNING, "connection " + item.index() + " is not conformed: " + e);
      return problem(item, e.getMessage() + "");
    }
  }

  private static ConformedConnection problem(ConformBatch.Item item, String explanation) {
    return ConformedConnection.newBuilder()
        .setConnection(item.index())
        .setProblem(explanation)
        .build();
  }
}
