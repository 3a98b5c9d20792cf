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
import org.holdfast.linux.KernelException;
import org.holdfast.proto.agent.v1.AgentErrorCode;
import org.holdfast.proto.agent.v1.ConformCommit;
import org.holdfast.proto.agent.v1.ConformResult;
import org.holdfast.proto.agent.v1.ConformedConnection;
import org.holdfast.proto.connection.v1.ConnectionId;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.TcpRepairException;

/**
 * One give-back: tokens are checked, owners stand, and the guest's own sockets take the state their
 * copies have reached. Afterwards they are in repair, and their owners go on standing.
 */
final class ConformRun {
  private static final Logger LOGGER = System.getLogger(ConformRun.class.getName());

  private final Held.Exported exported;
  private final ConntrackRenewal conntrack;
  private final List<HeldConnection> conformed = new ArrayList<>();

  ConformRun(Held.Exported exported, ConntrackRenewal conntrack) {
    this.exported = exported;
    this.conntrack = conntrack;
  }

  /** The sockets that are in repair now. */
  List<HeldConnection> conformed() {
    return conformed;
  }

  /**
   * Does it.
   *
   * @param ready owners that stand already; left standing on success
   * @throws AgentException before any socket was touched; the stand is the caller's to end
   */
  ConformResult run(ConformCommit commit, Collection<ConformBatch.Item> items, Readiness ready)
      throws AgentException {
    if (!commit.getMigrationId().equals(exported.ticket().getMigrationId())) {
      throw new AgentException(
          AgentErrorCode.AGENT_ERROR_CODE_WRONG_TICKET,
          "the ticket kept here is of another migration");
    }
    checkTokens(ready.tokens(exported, commit.getDomainUuid()), items);
    long begin = System.nanoTime();
    freezeOwners(ready);
    long frozen = System.nanoTime();
    boolean tracked = conntrack.isNeeded();
    ConformResult.Builder result = ConformResult.newBuilder();
    Map<ConnectionId, HeldConnection> held = new HashMap<>();
    exported.connections().forEach(connection -> held.put(connection.id(), connection));
    for (ConformBatch.Item item : items) {
      HeldConnection connection = held.remove(item.id());
      result.addConnections(
          connection == null
              ? problem(item, "this connection was not exported, or comes twice")
              : conform(connection, item, ready, tracked));
    }
    return result
        .setFreezeMicros((frozen - begin) / 1000)
        .setConformMicros((System.nanoTime() - frozen) / 1000)
        .build();
  }

  private static void checkTokens(ExpectedTokens tokens, Collection<ConformBatch.Item> items)
      throws AgentException {
    for (ConformBatch.Item item : items) {
      if (!tokens.matches(item.id(), item.token())) {
        throw new AgentException(
            AgentErrorCode.AGENT_ERROR_CODE_WRONG_TICKET,
            "connection " + item.index() + " carries no token of this ticket");
      }
    }
  }

  /** Owners may have forked, or passed a socket on, since the export: they are looked up anew. */
  private void freezeOwners(Readiness ready) throws AgentException {
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

  private ConformedConnection conform(
      HeldConnection connection, ConformBatch.Item item, Readiness ready, boolean tracked) {
    try {
      RepairSocket.Conformed result =
          connection.socket().conform(item.reached(), item.received(), ready.aheadOf(connection));
      conformed.add(connection);
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
