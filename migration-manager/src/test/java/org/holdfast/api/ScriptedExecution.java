package org.holdfast.api;

import com.google.protobuf.Timestamp;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.proto.v1.OperationProgress;
import org.holdfast.proto.v1.Phase;

/** An execution that does what the test says, when the test says it. */
public final class ScriptedExecution implements Execution {
  private final String migrationId = UUID.randomUUID().toString();
  private final DomainIdentity domain;
  private final ProgressFeed feed;
  private final CompletableFuture<MigrationReport> report = new CompletableFuture<>();
  private volatile boolean cancellable = true;

  public ScriptedExecution(String verb, DomainIdentity domain) {
    this.domain = domain;
    feed =
        new ProgressFeed(
            OperationProgress.newBuilder()
                .setMigrationId(migrationId)
                .setDomain(domain.name())
                .setDomainUuid(domain.uuid().toString())
                .setVerb(verb)
                .setPhase(Phase.PHASE_PREFLIGHT)
                .setStartTime(Timestamp.newBuilder().setSeconds(1_700_000_000))
                .build());
  }

  public void reach(Phase phase, double percent) {
    feed.publish(feed.latest().toBuilder().setPhase(phase).setPercent(percent).build());
  }

  public void waitFor(String what) {
    feed.publish(feed.latest().toBuilder().setWaitingFor(what).build());
  }

  public void cannotBeCancelled() {
    cancellable = false;
  }

  public void succeed(MigrationReport result) {
    feed.publish(
        feed.latest().toBuilder().setPhase(Phase.PHASE_DONE).setPercent(100).setDone(true).build());
    report.complete(result);
  }

  public void fail(HoldfastException failure) {
    feed.publish(feed.latest().toBuilder().setPhase(Phase.PHASE_FAILED).setDone(true).build());
    report.completeExceptionally(failure);
  }

  @Override
  public String migrationId() {
    return migrationId;
  }

  @Override
  public DomainIdentity domain() {
    return domain;
  }

  @Override
  public OperationProgress progress() {
    return feed.latest();
  }

  @Override
  public Subscription subscribe(Consumer<OperationProgress> listener) {
    return feed.subscribe(listener);
  }

  @Override
  public CompletableFuture<MigrationReport> report() {
    return report;
  }

  @Override
  public boolean cancel() {
    if (cancellable && !report.isDone()) {
      reach(Phase.PHASE_ROLL_BACK, 0);
      fail(
          new HoldfastException(
              ErrorCode.CANCELLED, "The operation on domain " + domain.name() + " was cancelled."));
    }
    return cancellable;
  }
}
