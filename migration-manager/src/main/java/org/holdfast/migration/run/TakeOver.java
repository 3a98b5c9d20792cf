package org.holdfast.migration.run;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.api.StatusMapping;
import org.holdfast.channel.AgentFailure;
import org.holdfast.channel.ExportSink;
import org.holdfast.channel.ExportTransfer;
import org.holdfast.channel.GuestConnection;
import org.holdfast.migration.hold.Holding;
import org.holdfast.migration.record.Timeline;
import org.holdfast.migration.state.MigrationEvent;
import org.holdfast.proto.agent.v1.ExportResult;
import org.holdfast.proto.agent.v1.ReadyResult;
import org.holdfast.proto.agent.v1.ScannedConnection;
import org.holdfast.proto.connection.v1.ConnectionId;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.Outcome;
import org.holdfast.takeover.ConnectionToHold;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.RecreateFailure;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.TakeoverNamespace.Stage;
import org.holdfast.takeover.VmInterface;
import org.holdfast.wire.MacAddress;
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
  static final Duration FREEZE_BOUND = Duration.ofSeconds(1);

  private static final Duration FOREVER = Duration.ofDays(1);

  private final GuestAgent agent;
  private final Holding holding;
  private final GuestPorts localPorts;
  private final Duration standing;
  private final Duration longest;
  private final Timeline timeline;

  /**
   * @param agent greeted, its scan done
   * @param holding with a namespace in stage PREPARED
   * @param localPorts the VM's ports here, for frames that must go back to it
   * @param standing how long the owners of sockets go on standing when it is done, at most
   * @param longest how long peers may hear nobody; zero: as long as it takes
   */
  TakeOver(
      GuestAgent agent,
      Holding holding,
      GuestPorts localPorts,
      Duration standing,
      Duration longest) {
    this.agent = agent;
    this.holding = holding;
    this.localPorts = localPorts;
    this.standing = standing;
    this.longest = longest.isZero() ? FOREVER : longest;
    this.timeline = holding.timeline();
  }

  /**
   * Does it.
   *
   * @throws RuntimeException if it did not come about. Where its machine stands at TAKING_OVER the
   *     guest keeps its sockets, and its network is as it was. At HOLDING peers have had something
   *     acknowledged: the connections are held, and must be given back
   */
  void run() {
    synchronized (holding) {
      standReady();
      long begin = timeline.now();
      try (ExportTransfer export = orGiveUp(() -> {}, this::fenceAndBegin)) {
        ExportResult result = orGiveUp(export::close, () -> recreate(export, begin));
        orGiveUp(export::close, () -> open(begin, result));
        try {
          timeline.record("release", this::release);
          timeline.record("unsent bytes", () -> append(export));
        } finally {
          // Even if that failed: what peers were acknowledged gets to the guest by a claim alone.
          // Under the same lock as the rest: one that comes now waits, and then finds it held.
          holding.machine().fire(MigrationEvent.TAKEN_OVER);
        }
        tell(result);
      }
    }
  }

  private ExportTransfer fenceAndBegin() {
    timeline.record("fence", holding.namespace()::fence);
    return agent.channel().beginExport(holding.ticket(), FREEZE_BOUND, standing);
  }

  /** Peers hear the copies, but the copies do not hear peers yet: it can still be given up. */
  private boolean open(long begin, ExportResult result) {
    TakeoverNamespace namespace = holding.namespace();
    timeline.record("open", namespace::open);
    timeline.add(BLACKOUT, begin, timeline.now());
    holding.addUnmanaged(result.getUnmanagedList().stream().map(TakeOver::leftToTcp).toList());
    namespace.connections().release();
    // From the first frame that is heard something is acknowledged, and must not be lost.
    namespace.keep(holding.note());
    return true;
  }

  private ExportResult recreate(ExportTransfer export, long begin) throws Exception {
    long end = begin + longest.toNanos();
    try {
      ExportResult result =
          timeline.recordValue(
              "export and recreate",
              () ->
                  export.connections(
                      new Copies(holding.namespace()), Duration.ofNanos(end - timeline.now())));
      if (timeline.now() <= end) {
        return result;
      }
    } catch (AgentFailure failure) {
      if (timeline.now() <= end) {
        throw failure;
      }
    }
    throw new HoldfastException(
        ErrorCode.TAKEOVER_FAILED,
        "Peers would have heard nobody for longer than the %d ms that --max-blackout allows."
            .formatted(longest.toMillis()),
        "Allow more with --max-blackout, or take the connections over when the domain has less to do.");
  }

  private void release() {
    holding.namespace().replayParked();
    holding.namespace().announce();
  }

  /** Peers need not wait for what was never sent; what does not come stays in the guest. */
  private void append(ExportTransfer export) {
    try {
      export.rest(holding.namespace().connections()::append);
    } catch (AgentFailure failure) {
      log.warn(
          "{}: what its connections had not sent yet is sent when it is back: {}",
          holding.domain().name(),
          failure.getMessage());
    }
  }

  private void tell(ExportResult result) {
    agent.tell(
        "{}: {} connections taken over, {} left to TCP; the agent froze for {} us, exported for"
            + " {} us",
        holding.domain().name(),
        holding.namespace().connections().size(),
        result.getUnmanagedCount(),
        result.getFreezeMicros(),
        result.getExportMicros());
  }

  /** What the agent can do while the guest's network still works, it does now. */
  private void standReady() {
    try {
      ReadyResult ready =
          timeline.recordValue("stand ready", () -> agent.channel().ready(FREEZE_BOUND));
      agent.tell(holding.domain().name(), ready);
    } catch (AgentFailure failure) {
      holding.namespace().close();
      throw GuestAgent.told(holding.domain().name(), failure);
    }
  }

  /**
   * @param beforehand what still comes from the agent must not keep its answer from being read
   */
  private <T> T orGiveUp(Runnable beforehand, Callable<T> step) {
    try {
      return step.call();
    } catch (Exception e) {
      attempt(beforehand);
      giveUp();
      throw asHoldfastException(e);
    }
  }

  /** The guest has its sockets still: what came for it meanwhile is its own. */
  private void giveUp() {
    TakeoverNamespace namespace = holding.namespace();
    if (namespace.stage() == Stage.OPEN) {
      attempt(namespace::shut);
    }
    attempt(() -> namespace.passOnParked(localPorts::inject));
    attempt(localPorts::open);
    attempt(() -> namespace.handOver(localPorts::inject));
    attempt(namespace::close);
    // One that does not hear it keeps a ticket under which nothing is held: its next claim tells.
    attempt(() -> agent.channel().forget(holding.migrationId()));
  }

  /** One step that fails must not keep the others from being taken. */
  private void attempt(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException failure) {
      log.warn(
          "{}: while the takeover is given up: {}", holding.domain().name(), failure.getMessage());
    }
  }

  /** Makes a copy of each connection as it comes, while the agent exports the next. */
  private final class Copies implements ExportSink {
    private final TakeoverNamespace namespace;
    private final Set<MacAddress> known = new HashSet<>();
    private final Set<InetAddress> addresses = new HashSet<>();

    private Copies(TakeoverNamespace namespace) {
      this.namespace = namespace;
      for (VmInterface one : namespace.interfaces()) {
        known.add(one.mac());
        one.addresses().forEach(own -> addresses.add(own.address()));
      }
    }

    @Override
    public void exported(GuestConnection connection) {
      holding.add(connection.said());
      Optional<MacAddress> mac = connection.interfaceMac();
      if (!addresses.contains(withoutScope(connection.export().snapshot().local().getAddress()))
          || !mac.map(known::contains).orElse(true)) {
        holding.addressNotOwned(connection.index());
        return;
      }
      long sendBytes =
          connection.export().sendQueue().remaining() + (long) connection.said().getRestBytes();
      if (!holding.admit(connection.index(), sendBytes)) {
        return;
      }
      ConnectionToHold wanted =
          new ConnectionToHold(connection.index(), connection.export(), mac.orElse(null));
      for (RecreateFailure failure : namespace.connections().recreate(List.of(wanted))) {
        holding.notRecreated(failure.index(), String.valueOf(failure.cause().getMessage()));
      }
    }

    @Override
    public void refused(int index, ConnectionId id, UnmanagedReason reason, String detail) {
      holding.addUnmanaged(
          List.of(
              LedgerEntry.newBuilder()
                  .setId(id)
                  .setOutcome(Outcome.OUTCOME_LEFT_TO_TCP)
                  .setReason(reason)
                  .setDetail(detail)
                  .build()));
    }
  }

  private static InetAddress withoutScope(InetAddress address) {
    try {
      return InetAddress.getByAddress(address.getAddress());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address is an address", e);
    }
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
    if (e instanceof AgentFailure failure) {
      return GuestAgent.told(holding.domain().name(), failure);
    }
    return e instanceof TakeoverException failure
        ? Failures.ofTakeover(holding.domain(), failure)
        : StatusMapping.asHoldfastException(e);
  }
}
