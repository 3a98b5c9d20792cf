package org.holdfast.migration.run;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.api.KeepPolicy;
import org.holdfast.api.MigrateCommand;
import org.holdfast.api.StatusMapping;
import org.holdfast.api.TakeoverMoment;
import org.holdfast.libvirt.JobStatistics;
import org.holdfast.libvirt.LibvirtFailure;
import org.holdfast.libvirt.MigrationFlag;
import org.holdfast.migration.converge.TakeoverTrigger;
import org.holdfast.migration.hold.Holding;
import org.holdfast.migration.run.TargetFollower.Arrived;
import org.holdfast.migration.state.MigrationEvent;
import org.holdfast.migration.state.MigrationState;
import org.holdfast.proto.agent.v1.ScanResult;
import org.holdfast.proto.host.v1.OperationBegun;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.VmInterface;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The source's side of a live migration with its connections kept: prepare, converge, take over,
 * let QEMU switch over, hold until the target has claimed.
 */
final class MigrateRun extends Operation {
  private static final Logger log = LoggerFactory.getLogger(MigrateRun.class);
  private static final Duration PROGRESS_INTERVAL = Duration.ofMillis(200);

  /** libvirt ends a job that was aborted; between hosts that do not hear each other it waits. */
  private static final Duration CALL_OFF_BOUND = Duration.ofMinutes(15);

  private final Host host;
  private final MigrateCommand command;
  private final Destination destination;
  private final Preparation preparation;
  private final Outlook outlook;
  private final List<VmInterface> interfaces;
  private final TargetSide target;
  private final Departure departure;
  private final MigrationJob job;
  private final DirtyRate dirtyRate;
  private final TakeoverTrigger trigger;
  private volatile boolean cancelled;
  private @Nullable Holding holding;
  private List<LedgerEntry> ledger = List.of();
  private String note = "";
  private String undone = "";

  /**
   * @param preparation begun: agent greeted
   * @param scan of the agent, the policy checked
   */
  MigrateRun(
      Host host,
      MigrateCommand command,
      Destination destination,
      Preparation preparation,
      ScanResult scan) {
    super("migrate", preparation.domain(), host.name());
    this.host = host;
    this.command = command;
    this.destination = destination;
    this.preparation = preparation;
    this.outlook = timeline().recordValue("probe", () -> preparation.outlook(scan));
    this.interfaces = outlook.interfaces();
    outlook.require(command.keepPolicy());
    this.target = new TargetSide(host, destination, this);
    this.departure =
        new Departure(
            destination.daemonHost(), when -> host.journal().departed(migrationId(), when));
    this.job =
        new MigrationJob(
            host.libvirt(),
            preparation.machine(),
            JobProgress.parameters(command, EnumSet.of(MigrationFlag.PAUSED)));
    this.dirtyRate = new DirtyRate(preparation.machine());
    this.trigger = new TakeoverTrigger(command.takeover(), dirtyRate);
    machine().fire(MigrationEvent.PREFLIGHT_PASSED);
  }

  @Override
  void run() throws Exception {
    try (preparation;
        job) {
      prepare();
      GuestPorts ports = host.network().guestPorts(interfaces);
      try {
        move(ports);
      } finally {
        // Where the way back failed the copies still speak, and the VM must not.
        if (host.holdings().of(domain().uuid()).isEmpty()) {
          ports.close();
          host.journal().end(migrationId());
        }
      }
    }
  }

  /**
   * Asks the target whether it would have the VM; the last step of the preflight.
   *
   * @throws HoldfastException NO_DAEMON_ON_TARGET, BRIDGE_MISSING_ON_TARGET ...
   */
  void askTarget() {
    host.departures().add(migrationId(), departure);
    try {
      timeline().record("prepare target", () -> target.prepare(interfaces));
    } catch (RuntimeException refused) {
      host.departures().remove(migrationId());
      job.close();
      throw refused;
    }
  }

  @Override
  void discard() {
    departure.stays();
    target.abandon();
    host.departures().remove(migrationId());
    job.close();
    preparation.close();
  }

  private void prepare() throws Exception {
    try {
      note(
          host.journal(),
          OperationBegun.newBuilder()
              .setLeaving(
                  OperationBegun.Leaving.newBuilder()
                      .setTargetDaemon(destination.daemon())
                      .setDomainId(preparation.machine().id())));
      if (command.live() && command.takeover().kind() == TakeoverMoment.Kind.AUTO) {
        dirtyRate.measure();
      }
      timeline().record("self-test", () -> preparation.awaitSelfTest(this::checkCancelled));
      holding =
          timeline().recordValue("prepare", () -> preparation.prepareHolding(this, interfaces));
      departure.open();
    } catch (RuntimeException refused) {
      departure.stays();
      target.abandon();
      machine().fire(MigrationEvent.REFUSED);
      throw refused;
    }
  }

  private Holding holding() {
    if (holding == null) {
      throw new IllegalStateException("nothing is prepared yet");
    }
    return holding;
  }

  private void move(GuestPorts ports) throws Exception {
    Impatience timeout = new Impatience(preparation.machine(), job, command.memory().timeout());
    try {
      if (command.live()) {
        startJob();
        converge(timeout);
        takeOver(ports);
      } else {
        machine().fire(MigrationEvent.TAKE_OVER_TRIGGERED);
        takeOver(ports);
        job.start(false);
      }
      job.letGo();
      awaitMove(timeout);
    } catch (LibvirtFailure failure) {
      rollBackUnlessMoved(ports, Failures.ofMigration(failure, destination));
    } catch (RuntimeException failure) {
      rollBackUnlessMoved(ports, StatusMapping.asHoldfastException(failure));
    }
    finish();
  }

  /**
   * The end of the job decides: cancelled too late, it has moved the VM all the same. Where libvirt
   * cannot say how it ended, who runs the VM does.
   */
  private void rollBackUnlessMoved(GuestPorts ports, HoldfastException why) throws Exception {
    if (job.callOff(CALL_OFF_BOUND)) {
      FailedMove failed =
          new FailedMove(host, domain(), departure, target.follower(), job.switchedOver()::isDone);
      if (failed.staysHere(this::waitsFor)) {
        throw rollBack(ports, why);
      }
      undone = JobProgress.undone(command);
    }
    log.warn(
        "{} moved to {} all the same: {}", domain().name(), destination.host(), why.getMessage());
    if (machine().state() == MigrationState.CONVERGING) {
      missed("the domain moved before the takeover began");
    }
  }

  private void startJob() {
    job.start(true);
    machine().fire(MigrationEvent.JOB_STARTED);
  }

  /** Watches the job until it is time to take over, or too late. */
  private void converge(Impatience timeout) throws Exception {
    long begin = timeline().now();
    while (!job.switchedOver().isDone()) {
      Optional<JobStatistics> statistics = job.look();
      statistics.ifPresent(this::publishStatistics);
      TakeoverTrigger.Advice advice = trigger.advise(statistics.map(JobProgress::sample));
      // A guest that is suspended could not have its connections taken over.
      if (advice.action() == TakeoverTrigger.Action.TAKE_OVER || timeout.isOver()) {
        job.crawl();
        break;
      }
      if (advice.action() == TakeoverTrigger.Action.SLOW_DOWN) {
        job.slowTo(advice.bytesPerSecond());
      } else {
        job.goOn();
      }
      checkCancelled();
      if (job.awaitEnd(trigger.untilNextLook())) {
        break;
      }
    }
    timeline().add("converge", begin, timeline().now());
    machine().fire(MigrationEvent.TAKE_OVER_TRIGGERED);
  }

  private void takeOver(GuestPorts ports) {
    Holding held = holding();
    if (job.switchedOver().isDone() || job.hasEnded()) {
      missed("QEMU switched over before the takeover began");
      return;
    }
    host.holdings().add(held);
    ClaimBound.watch(host, held, departure);
    // An agent whose VM has stopped never answers: the channel is cut so that nobody waits for it.
    job.switchedOver().thenRun(() -> cutIfExporting());
    try {
      Duration longest = command.maxBlackout();
      new TakeOver(preparation.agent(), held, ports, trigger.standing(), longest).run();
      publish(progress -> progress.setConnectionsHeld(held.size()));
    } catch (RuntimeException failed) {
      HoldfastException failure = StatusMapping.asHoldfastException(failed);
      if (machine().state() == MigrationState.HOLDING) {
        throw failure;
      }
      host.holdings().remove(held);
      if (command.keepPolicy() == KeepPolicy.REQUIRE && !job.switchedOver().isDone()) {
        machine().fire(MigrationEvent.CANCELLED);
        throw failure;
      }
      missed("the takeover did not come about: " + failure.getMessage());
      return;
    }
    // The export knows more than the scan did; the way back is still open.
    outlook.require(command.keepPolicy(), held.ledger());
  }

  private void cutIfExporting() {
    if (machine().state() == MigrationState.TAKING_OVER) {
      preparation.agent().close();
    }
  }

  private void missed(String why) {
    log.warn("{}: {}; plain migration goes on", domain().name(), why);
    note = "The domain moved with its own sockets: " + why + ".";
    holding().drop();
    target.comesWithOwnSockets();
    ledger = outlook.leftToTcp(why);
    machine().fire(MigrationEvent.TAKE_OVER_MISSED);
  }

  private void awaitMove(Impatience timeout) throws Exception {
    Impatience brownout =
        new Impatience(preparation.machine(), job, command.memory().maxBrownout());
    while (!job.awaitEnd(PROGRESS_INTERVAL)) {
      job.look().ifPresent(this::publishStatistics);
      checkCancelled();
      timeout.suspendIfOver();
      brownout.suspendIfOver();
    }
  }

  /** libvirt has moved the VM: from here the way is forward. */
  private void finish() throws Exception {
    departure.leaves();
    TargetFollower.Outcome outcome;
    boolean served = true;
    if (machine().state() == MigrationState.PLAIN) {
      outcome = target.follower().await(departure.untilLastWord(host.claimBound()), this::waitsFor);
    } else {
      outcome = AwaitedClaim.end(host, holding(), departure, target.follower(), this::waitsFor);
      ledger = holding().ledger();
      served = outcome.arrival() != Arrived.YES || outcome.problem().isEmpty();
    }
    timeline().addAll(outcome.timeline());
    machine().tryFire(MigrationEvent.JOB_COMPLETED);
    if (machine().state() == MigrationState.FAILED || !served) {
      throw new HoldfastException(
          ErrorCode.GIVE_BACK_FAILED,
          "Domain %s runs on %s, but its connections could not be given back: %s"
              .formatted(
                  domain().name(),
                  destination.host(),
                  outcome.problem().orElse("nobody had claimed them in time")));
    }
  }

  /** The VM stays here: its connections go back to it. */
  private HoldfastException rollBack(GuestPorts ports, HoldfastException why) {
    machine().tryFire(cancelled ? MigrationEvent.CANCELLED : MigrationEvent.JOB_FAILED);
    if (departure.stays()) {
      target.abandon();
    }
    preparation.close();
    try {
      ledger = WayBack.go(host, holding(), ports, this::waitsFor);
    } catch (HoldfastException failure) {
      failure.addSuppressed(why);
      return failure;
    }
    restoreLimits();
    machine().tryFire(MigrationEvent.RESTORED);
    return cancelled ? cancelledByOperator() : why;
  }

  private void restoreLimits() {
    try {
      host.active(domain().uuid()).ifPresent(job::restoreLimits);
    } catch (LibvirtFailure failure) {
      log.info("{}: its limits are not set back: {}", domain().name(), failure.getMessage());
    }
  }

  private HoldfastException cancelledByOperator() {
    return new HoldfastException(
        ErrorCode.CANCELLED,
        "The migration of domain %s was cancelled.".formatted(domain().name()));
  }

  private void checkCancelled() {
    if (cancelled && !job.switchedOver().isDone()) {
      throw cancelledByOperator();
    }
  }

  private void publishStatistics(JobStatistics now) {
    publish(progress -> JobProgress.of(progress, now));
  }

  @Override
  List<LedgerEntry> ledger() {
    return ledger;
  }

  @Override
  void completeReport(MigrationReport.Builder builder) {
    builder
        .setDowntimeMillis(job.downtime().map(Duration::toMillis).orElse(0L))
        .setConnectionsKeptByPlainMigration(!note.isEmpty())
        .setNote(
            Stream.of(note, note.isEmpty() && holding != null ? holding.remark() : "", undone)
                .filter(words -> !words.isEmpty())
                .collect(Collectors.joining(" ")));
  }

  @Override
  public boolean cancel() {
    if (job.switchedOver().isDone() || machine().state().isFinal()) {
      return false;
    }
    cancelled = true;
    return true;
  }
}
