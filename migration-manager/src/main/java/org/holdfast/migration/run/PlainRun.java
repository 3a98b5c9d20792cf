package org.holdfast.migration.run;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.holdfast.api.DomainIdentity;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.api.MigrateCommand;
import org.holdfast.libvirt.LibvirtFailure;
import org.holdfast.libvirt.VirtualMachine;
import org.holdfast.migration.state.MigrationEvent;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.MigrationReport;

/** {@code --connections off}: libvirt's migration as it is; no agent, no target daemon needed. */
final class PlainRun extends Operation {
  private static final Duration PROGRESS_INTERVAL = Duration.ofMillis(200);

  private final VirtualMachine vm;
  private final Duration timeout;
  private final Destination destination;
  private final MigrationJob job;
  private volatile boolean cancelled;

  PlainRun(Host host, VirtualMachine vm, MigrateCommand command, Destination destination) {
    super("migrate", new DomainIdentity(vm.name(), vm.uuid()), host.name());
    this.vm = vm;
    this.timeout = command.memory().timeout();
    this.destination = destination;
    this.job = new MigrationJob(host.libvirt(), vm, JobProgress.parameters(command, Set.of()));
    machine().fire(MigrationEvent.PREFLIGHT_PASSED);
  }

  @Override
  void run() throws Exception {
    try (job) {
      Impatience impatience = new Impatience(vm, job, timeout);
      job.start(false);
      machine().fire(MigrationEvent.JOB_STARTED);
      machine().fire(MigrationEvent.TAKE_OVER_MISSED);
      while (!job.awaitEnd(PROGRESS_INTERVAL)) {
        job.look().ifPresent(now -> publish(progress -> JobProgress.of(progress, now)));
        if (cancelled) {
          job.abort();
        }
        impatience.suspendIfOver();
      }
      machine().fire(MigrationEvent.JOB_COMPLETED);
    } catch (LibvirtFailure failure) {
      machine().fire(cancelled ? MigrationEvent.CANCELLED : MigrationEvent.JOB_FAILED);
      machine().fire(MigrationEvent.RESTORED);
      throw cancelled
          ? new HoldfastException(
              ErrorCode.CANCELLED,
              "The migration of domain %s was cancelled.".formatted(domain().name()))
          : Failures.ofMigration(failure, destination);
    }
  }

  @Override
  void discard() {
    job.close();
  }

  @Override
  List<LedgerEntry> ledger() {
    return List.of();
  }

  @Override
  void completeReport(MigrationReport.Builder builder) {
    builder
        .setDowntimeMillis(job.downtime().map(Duration::toMillis).orElse(0L))
        .setNote("Plain migration: its connections were left to TCP, and not looked at.");
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
