package org.holdfast.migration.run;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.holdfast.api.DomainIdentity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A migration of which libvirt says that it failed; the target may have the VM nevertheless. */
final class FailedMove {
  private static final Logger log = LoggerFactory.getLogger(FailedMove.class);

  /** A target notices within this that a domain has arrived, or that it is not to come. */
  private static final Duration ARRIVAL_BOUND = Duration.ofSeconds(20);

  private final Host host;
  private final DomainIdentity domain;
  private final Departure departure;
  private final TargetFollower target;
  private final BooleanSupplier switchedOver;

  /**
   * @param target follows what becomes of it there
   * @param switchedOver whether QEMU has sent the last of it
   */
  FailedMove(
      Host host,
      DomainIdentity domain,
      Departure departure,
      TargetFollower target,
      BooleanSupplier switchedOver) {
    this.host = host;
    this.domain = domain;
    this.departure = departure;
    this.target = target;
    this.switchedOver = switchedOver;
  }

  /**
   * Finds out who runs the VM. What libvirt left of it here ends only when the target has said that
   * it runs there.
   *
   * @param waitingFor hears in words why that takes long
   * @return whether it is to be rolled back
   */
  boolean staysHere(Consumer<String> waitingFor) throws InterruptedException {
    if (StaleCopy.isGone(host, domain)) {
      departure.leaves();
      return !movedOrUnheard(waitingFor);
    }
    if (departure.stays()) {
      return true;
    }
    boolean stopped = StaleCopy.stop(host, domain);
    switch (target.await(departure.remaining(host.claimBound()), waitingFor).arrival()) {
      case YES -> StaleCopy.end(host, domain, () -> true);
      case NO -> {
        departure.cameBack();
        if (stopped) {
          StaleCopy.letGoOn(host, domain);
        }
        return true;
      }
      case NOT_HEARD ->
          log.error(
              "{} may run on its target, which is not heard: it stands here until somebody ends it"
                  + " or resumes it with virsh",
              domain.name());
    }
    return false;
  }

  /** Nothing is left here: one that had switched over has moved, as far as is known. */
  private boolean movedOrUnheard(Consumer<String> waitingFor) throws InterruptedException {
    boolean switched = switchedOver.getAsBoolean();
    Duration bound = switched ? departure.remaining(host.claimBound()) : ARRIVAL_BOUND;
    return switch (target.await(bound, waitingFor).arrival()) {
      case YES -> true;
      case NO -> false;
      case NOT_HEARD -> switched;
    };
  }
}
