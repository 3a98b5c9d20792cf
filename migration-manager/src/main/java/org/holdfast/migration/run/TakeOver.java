package org.holdfast.migration.run;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.holdfast.api.HoldfastException;
import org.holdfast.channel.AgentFailure;
import org.holdfast.migration.hold.Holding;
import org.holdfast.migration.hold.OneInterface;
import org.holdfast.migration.record.Timeline;
import org.holdfast.migration.run.ExportCollector.Collected;
import org.holdfast.migration.state.MigrationEvent;
import org.holdfast.proto.agent.v1.ExportResult;
import org.holdfast.proto.agent.v1.ScannedConnection;
import org.holdfast.proto.connection.v1.ConnectionState;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.Outcome;
import org.holdfast.takeover.ConnectionToHold;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.MacAddress;
import org.holdfast.takeover.RecreateFailure;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.tcp.TcpExport;
import org.holdfast.wire.ConnectionCodec;
import org.holdfast.wire.WireFormatException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a VM's connections over: fence, export, recreate, open (patent FIG. 12, blocks 142-144).
 *
 * <p>What it needs stands ready before; between fence and open nothing is done that could have been
 * done earlier or can be done later.
 */
final class TakeOver {
  private static final Logger log = LoggerFactory.getLogger(TakeOver.class);

  /** Step of the timeline: VM's port closed, until the copies answer. */
  static final String BLACKOUT = "blackout take-over";

  /** How long the agent may take to bring the owners of sockets to a stand. */
  private static final Duration FREEZE_BOUND = Duration.ofMillis(500);

  /** What one VM's queues may hold together, bytes. */
  private static final long LARGEST_EXPORT_BYTES = 1L << 30;

  private final GuestAgent agent;
  private final Holding holding;
  private final GuestPorts localPorts;
  private final Timeline timeline;

  /**
   * @param agent greeted, its scan done
   * @param holding with a namespace in stage PREPARED
   * @param localPorts the VM's ports here, for frames that must go back to it
   */
  TakeOver(GuestAgent agent, Holding holding, GuestPorts localPorts) {
    this.agent = agent;
    this.holding = holding;
    this.localPorts = localPorts;
    this.timeline = holding.timeline();
  }

  /**
   * Does it.
   *
   * @throws HoldfastException if the guest keeps its sockets; the fence is down again then, and the
   *     guest's network is as it was
   */
  void run() {
    synchronized (holding) {
      TakeoverNamespace namespace = holding.namespace();
      long begin = timeline.now();
      timeline.record("fence", namespace::fence);
      List<Collected> exported;
      ExportResult result;
      try {
        ExportCollector collector = new ExportCollector(LARGEST_EXPORT_BYTES);
        result =
            timeline.record(
                "export",
                () -> agent.channel().export(holding.ticket(), FREEZE_BOUND, collector));
        exported = collector.complete();
      } catch (Exception e) {
        giveUp(namespace);
        throw asHoldfastException(e);
      }
      timeline.record("recreate", () -> recreate(namespace, exported));
      timeline.record("open", namespace::open);
      timeline.add(BLACKOUT, begin, timeline.now());
      timeline.record(
          "release",
          () -> {
            namespace.connections().release();
            namespace.replayParked();
            namespace.announce();
          });
      // Under the same lock as the rest: a claim that comes now waits, and then finds it held.
      holding.machine().fire(MigrationEvent.TAKEN_OVER);
      holding.addUnmanaged(result.getUnmanagedList().stream().map(TakeOver::leftToTcp).toList());
      log.info(
          "{}: {} connections taken over, {} left to TCP; the agent froze for {} us, exported for"
              + " {} us",
          holding.domain().name(),
          namespace.connections().size(),
          result.getUnmanagedCount(),
          result.getFreezeMicros(),
          result.getExportMicros());
    }
  }

  /** The guest has its sockets still: what came for it meanwhile is its own. */
  private void giveUp(TakeoverNamespace namespace) {
    namespace.handOver(localPorts::inject);
    namespace.close();
    try {
      agent.channel().forget(holding.migrationId());
    } catch (AgentFailure unheard) {
      // It keeps a ticket under which nothing is held: its next claim is told so.
      log.info("{}: the agent could not be told: {}", holding.domain(), unheard.getMessage());
    }
  }

  private void recreate(TakeoverNamespace namespace, List<Collected> exported) {
    Set<MacAddress> known =
        namespace.interfaces().stream().map(one -> one.mac()).collect(Collectors.toSet());
    Set<java.net.InetAddress> addresses = new HashSet<>();
    namespace
        .interfaces()
        .forEach(one -> one.addresses().forEach(address -> addresses.add(address.address())));
    List<ConnectionToHold> wanted = new ArrayList<>();
    for (Collected one : exported) {
      holding.add(one.connection());
      int index = one.connection().getConnection();
      toHold(one)
          .filter(connection -> addresses.contains(withoutScope(connection)))
          .filter(
              connection ->
                  connection.interfaceMac() == null || known.contains(connection.interfaceMac()))
          .ifPresentOrElse(wanted::add, () -> holding.addressNotOwned(index));
    }
    for (RecreateFailure failure : namespace.connections().recreate(wanted)) {
      holding.notRecreated(failure.index(), String.valueOf(failure.cause().getMessage()));
    }
  }

  private static java.net.InetAddress withoutScope(ConnectionToHold connection) {
    byte[] address = connection.export().snapshot().local().getAddress().getAddress();
    try {
      return java.net.InetAddress.getByAddress(address);
    } catch (java.net.UnknownHostException e) {
      throw new IllegalStateException("an address is an address", e);
    }
  }

  private static Optional<ConnectionToHold> toHold(Collected one) {
    ConnectionState state = one.connection().getState();
    try {
      Optional<MacAddress> mac =
          OneInterface.interfaceOf(state.getId()).map(found -> MacAddress.of(found.octets()));
      return Optional.of(
          new ConnectionToHold(
              one.connection().getConnection(),
              new TcpExport(
                  ConnectionCodec.decode(state, OneInterface.of(state.getId())),
                  readOnly(one.receiveQueue()),
                  readOnly(one.sendQueue())),
              mac.orElse(null)));
    } catch (WireFormatException refused) {
      throw new HoldfastException(
          org.holdfast.api.ErrorCode.AGENT_FAILED,
          "The agent described a connection that cannot be: " + refused.getMessage() + ".");
    }
  }

  private static ByteBuffer readOnly(ByteBuffer queue) {
    return queue.asReadOnlyBuffer();
  }

  /** A connection the agent names as not manageable, as the ledger says it. */
  static LedgerEntry leftToTcp(ScannedConnection connection) {
    return LedgerEntry.newBuilder()
        .setId(connection.getId())
        .setState(connection.getState())
        .setOwner(connection.getOwner())
        .setOutcome(Outcome.OUTCOME_LEFT_TO_TCP)
        .setReason(
            connection.getReason() == UnmanagedReason.UNMANAGED_REASON_UNSPECIFIED
                ? UnmanagedReason.UNMANAGED_REASON_EXPORT_FAILED
                : connection.getReason())
        .build();
  }

  private HoldfastException asHoldfastException(Exception e) {
    return e instanceof AgentFailure failure
        ? GuestAgent.told(holding.domain().name(), failure)
        : org.holdfast.api.StatusMapping.asHoldfastException(e);
  }
}
