package org.holdfast.migration.run;

import com.google.protobuf.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.holdfast.api.DomainIdentity;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.Execution;
import org.holdfast.api.HoldfastException;
import org.holdfast.api.ProgressFeed;
import org.holdfast.api.StatusMapping;
import org.holdfast.migration.hold.Holding;
import org.holdfast.migration.journal.Journal;
import org.holdfast.migration.record.Timeline;
import org.holdfast.migration.state.MigrationState;
import org.holdfast.migration.state.MigrationStateMachine;
import org.holdfast.proto.host.v1.OperationBegun;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.proto.v1.OperationProgress;
import org.holdfast.proto.v1.Phase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One command under way: runs on a thread of its own, tells where it stands, ends with a report.
 * What is done is in the subclasses.
 */
abstract class Operation implements Execution {
  private static final Logger log = LoggerFactory.getLogger(Operation.class);
  private static final int NANOS_PER_MICRO = 1000;

  private final String migrationId;
  private final DomainIdentity domain;
  private final MigrationStateMachine machine;
  private final Timeline timeline;
  private final ProgressFeed feed;
  private final CompletableFuture<MigrationReport> report = new CompletableFuture<>();

  /**
   * @param verb "migrate", "suspend" or "resume"
   * @param host this host's name, for the timeline
   */
  Operation(String verb, DomainIdentity domain, String host) {
    this(verb, domain, host, new MigrationStateMachine());
  }

  /** As above, going on with the machine of an operation that has ended. */
  Operation(String verb, DomainIdentity domain, String host, MigrationStateMachine machine) {
    this.machine = machine;
    this.migrationId = UUID.randomUUID().toString();
    this.domain = domain;
    Instant begin = Instant.now();
    this.timeline = new Timeline(host, begin);
    this.feed =
        new ProgressFeed(
            OperationProgress.newBuilder()
                .setMigrationId(migrationId)
                .setDomain(domain.name())
                .setDomainUuid(domain.uuid().toString())
                .setVerb(verb)
                .setPhase(phase(machine.state()))
                .setStartTime(timestamp(begin))
                .build());
    machine.addListener(
        taken -> {
          log.info("{} {}: {}", verb, domain.name(), taken);
          publish(progress -> progress.setPhase(phase(taken.to())));
        });
  }

  static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  /** Begins; returns at once. {@code onEnd} is called when nothing is left to do. */
  final void start(Runnable onEnd) {
    Thread thread = new Thread(() -> execute(onEnd), "operation-" + domain.name());
    thread.start();
  }

  /**
   * From here on a daemon that starts after a crash knows of this operation.
   *
   * @throws HoldfastException JOURNAL_FAILED; then it must not begin
   */
  final void note(Journal journal, OperationBegun.Builder begun) {
    journal.begin(
        migrationId,
        begun.setDomainUuid(domain.uuid().toString()).setDomainName(domain.name()).build());
    journal.follow(migrationId, machine);
  }

  private void execute(Runnable onEnd) {
    HoldfastException failure = null;
    try {
      run();
    } catch (Exception e) {
      failure = StatusMapping.asHoldfastException(e);
      tell(failure, e);
    }
    onEnd.run();
    publish(progress -> progress.setDone(true));
    if (failure == null) {
      report.complete(buildReport());
    } else {
      report.completeExceptionally(failure.withReport(buildReport()));
    }
  }

  /** What was foreseen is told in a line; anything else with all that is known of it. */
  private void tell(HoldfastException failure, Exception cause) {
    if (failure.code() == ErrorCode.INTERNAL) {
      log.error("{} of {} failed", migrationId, domain.name(), cause);
    } else {
      log.warn(
          "{} of {} ended: {}: {}",
          migrationId,
          domain.name(),
          failure.code(),
          failure.whatHappened());
    }
  }

  /** Does all of it, roll back included; throws what the operator is to be told. */
  abstract void run() throws Exception;

  /** Lets go of what the preflight took, when nothing is to follow. */
  abstract void discard();

  /** Every connection with its outcome; empty before there is one. */
  abstract List<LedgerEntry> ledger();

  /** Adds to the report what only this kind of operation knows. */
  abstract void completeReport(MigrationReport.Builder builder);

  private MigrationReport buildReport() {
    MigrationReport.Builder builder =
        MigrationReport.newBuilder()
            .setMigrationId(migrationId)
            .setDomain(domain.name())
            .addAllLedger(ledger())
            .addAllTimeline(timeline.entries())
            .setBlackoutTakeoverMicros(micros(timeline.duration(TakeOver.BLACKOUT)))
            .setBlackoutGiveBackMicros(micros(timeline.duration(Holding.BLACKOUT_GIVE_BACK)));
    completeReport(builder);
    return builder.build();
  }

  private static long micros(Optional<Duration> duration) {
    return duration.map(length -> length.toNanos() / NANOS_PER_MICRO).orElse(0L);
  }

  /** Tells the listeners of a change. */
  final void publish(UnaryOperator<OperationProgress.Builder> change) {
    feed.publish(change.apply(feed.latest().toBuilder()).build());
  }

  /**
   * Tells whoever watches why this takes long.
   *
   * @param what in words
   */
  final void waitsFor(String what) {
    publish(progress -> progress.setWaitingFor(what));
  }

  final MigrationStateMachine machine() {
    return machine;
  }

  final Timeline timeline() {
    return timeline;
  }

  @Override
  public final String migrationId() {
    return migrationId;
  }

  @Override
  public final DomainIdentity domain() {
    return domain;
  }

  @Override
  public final OperationProgress progress() {
    return feed.latest();
  }

  @Override
  public final Subscription subscribe(Consumer<OperationProgress> listener) {
    return feed.subscribe(listener);
  }

  @Override
  public final CompletableFuture<MigrationReport> report() {
    return report;
  }

  private static Phase phase(MigrationState state) {
    return switch (state) {
      case PREFLIGHT -> Phase.PHASE_PREFLIGHT;
      case PREPARING -> Phase.PHASE_PREPARE;
      case CONVERGING, PLAIN -> Phase.PHASE_CONVERGE;
      case TAKING_OVER -> Phase.PHASE_TAKE_OVER;
      case HOLDING -> Phase.PHASE_HOLD;
      case GIVING_BACK -> Phase.PHASE_GIVE_BACK;
      case ROLLING_BACK -> Phase.PHASE_ROLL_BACK;
      case COMPLETED -> Phase.PHASE_DONE;
      case ROLLED_BACK, FAILED -> Phase.PHASE_FAILED;
    };
  }
}
