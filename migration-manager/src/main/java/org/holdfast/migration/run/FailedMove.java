package org.holdfast.migration.run;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.holdfast.api.DomainIdentity;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;

/** A migration of which libvirt says that it failed; the target may have the VM nevertheless. */
final class FailedMove {
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(500);

  /** A target notices within this that a domain has arrived, or that it is not to come. */
  private static final Duration ARRIVAL_BOUND = Duration.ofSeconds(20);

  private final Host host;
  private final DomainIdentity domain;
  private final Departure departure;
  private final TargetFollower target;
  private final BooleanSupplier switchedOver;
  private boolean stopped;

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
   * @throws HoldfastException ROLL_BACK_FAILED if its target is not heard, and it stands here
   */
  boolean staysHere(Consumer<String> waitingFor) throws InterruptedException {
    if (StaleCopy.isGone(host, domain)) {
      departure.leaves();
      return !movedOrUnheard(waitingFor);
    }
    if (departure.stays()) {
      return true;
    }
    return switch (awaitWhileItStands(waitingFor)) {
      case YES -> {
        StaleCopy.end(host, domain, () -> true);
        yield false;
      }
      case NO -> {
        departure.cameBack();
        if (stopped) {
          StaleCopy.letGoOn(host, domain);
        }
        yield true;
      }
      case NOT_HEARD ->
          throw new HoldfastException(
              ErrorCode.ROLL_BACK_FAILED,
              "Domain %s may run on its target, whose daemon is not heard: it stands here."
                  .formatted(domain.name()),
              "See with virsh on the target: if it runs there, destroy it here, else resume it here.");
    };
  }

  /** A libvirtd that has just started may let it run on at any moment. */
  private TargetFollower.Arrived awaitWhileItStands(Consumer<String> waitingFor)
      throws InterruptedException {
    long deadline = System.nanoTime() + departure.untilLastWord(host.claimBound()).toNanos();
    TargetFollower.Outcome outcome;
    do {
      stopped |= StaleCopy.stop(host, domain);
      outcome = target.await(LOOK_INTERVAL, waitingFor);
    } while (!outcome.heard() && System.nanoTime() < deadline);
    stopped |= StaleCopy.stop(host, domain);
    return outcome.arrival();
  }

  /** Nothing is left here: one that had switched over has moved, as far as is known. */
  private boolean movedOrUnheard(Consumer<String> waitingFor) throws InterruptedException {
    boolean switched = switchedOver.getAsBoolean();
    Duration bound = switched ? departure.untilLastWord(host.claimBound()) : ARRIVAL_BOUND;
    return switch (target.await(bound, waitingFor).arrival()) {
      case YES -> true;
      case NO -> false;
      case NOT_HEARD -> switched;
    };
  }
}
