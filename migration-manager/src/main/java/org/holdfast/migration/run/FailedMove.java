package org.holdfast.migration.run;

import java.time.Duration;
import java.util.function.Consumer;
import org.holdfast.api.DomainIdentity;

/** A migration of which libvirt says that it failed; the target may have the VM nevertheless. */
final class FailedMove {
  /** A target notices within this that a domain has arrived, or that it is not to come. */
  private static final Duration ARRIVAL_BOUND = Duration.ofSeconds(20);

  private final Host host;
  private final DomainIdentity domain;
  private final Departure departure;
  private final TargetSide target;
  private final MigrationJob job;

  FailedMove(
      Host host, DomainIdentity domain, Departure departure, TargetSide target, MigrationJob job) {
    this.host = host;
    this.domain = domain;
    this.departure = departure;
    this.target = target;
    this.job = job;
  }

  /**
   * Finds out who runs the VM, and ends what libvirt left of it here if the target does.
   *
   * @param waitingFor hears in words why that takes long
   * @return whether it is to be rolled back
   */
  boolean staysHere(Consumer<String> waitingFor) throws InterruptedException {
    if (StaleCopy.isGone(host, domain)) {
      departure.leaves();
      Duration bound = job.switchedOver().isDone() ? host.claimBound() : ARRIVAL_BOUND;
      return !isRunByTarget(bound, waitingFor);
    }
    if (departure.stays()) {
      return true;
    }
    StaleCopy.stop(host, domain);
    if (isRunByTarget(host.claimBound(), waitingFor)) {
      StaleCopy.end(host, domain, () -> true);
      return false;
    }
    departure.cameBack();
    return true;
  }

  /** A target that was let run the VM and is not heard has it, as far as is known here. */
  private boolean isRunByTarget(Duration bound, Consumer<String> waitingFor)
      throws InterruptedException {
    return switch (target.await(bound, waitingFor).arrival()) {
      case YES -> true;
      case NO -> false;
      case NOT_HEARD -> job.switchedOver().isDone();
    };
  }
}
