package org.holdfast.migration.run;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.holdfast.api.DomainIdentity;
import org.holdfast.libvirt.LibvirtFailure;
import org.holdfast.libvirt.VirtualMachine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A domain that libvirt left on this host although the other host runs it. It ends here at once:
 * two of one kind would write to the same disks.
 */
final class StaleCopy {
  private static final Logger log = LoggerFactory.getLogger(StaleCopy.class);
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(100);

  /** A libvirtd that was killed is there again by then, and knows its domains. */
  private static final Duration BOUND = Duration.ofMinutes(2);

  private StaleCopy() {}

  /**
   * Has it stand, if libvirt let it run on; waits for a libvirtd that was killed.
   *
   * @return whether it ran
   */
  static boolean stop(Host host, DomainIdentity domain) throws InterruptedException {
    AtomicBoolean ran = new AtomicBoolean();
    persist(
        domain,
        () -> {
          Optional<VirtualMachine> running =
              host.active(domain.uuid()).filter(copy -> copy.state().isRunning());
          running.ifPresent(VirtualMachine::suspend);
          ran.set(running.isPresent());
          return true;
        });
    return ran.get();
  }

  /** It was no copy after all: what {@link #stop} did is undone. */
  static void letGoOn(Host host, DomainIdentity domain) throws InterruptedException {
    persist(
        domain,
        () -> {
          host.active(domain.uuid()).ifPresent(VirtualMachine::resume);
          return true;
        });
  }

  /**
   * Ends it if there is one that stands, and waits for that.
   *
   * @param stale whether what is here would still be such a copy
   */
  static void end(Host host, DomainIdentity domain, BooleanSupplier stale)
      throws InterruptedException {
    persist(domain, () -> !stale.getAsBoolean() || nothingStands(host, domain));
  }

  private static boolean nothingStands(Host host, DomainIdentity domain) {
    Optional<VirtualMachine> copy =
        host.active(domain.uuid()).filter(active -> !active.state().isRunning());
    copy.ifPresent(VirtualMachine::destroy);
    return copy.isEmpty();
  }

  /** Whether libvirt has no such domain here, running or paused; waits for its answer. */
  static boolean isGone(Host host, DomainIdentity domain) throws InterruptedException {
    AtomicBoolean gone = new AtomicBoolean();
    persist(
        domain,
        () -> {
          gone.set(isInactive(host, domain));
          return true;
        });
    return gone.get();
  }

  private static boolean isInactive(Host host, DomainIdentity domain) {
    try {
      return host.active(domain.uuid()).isEmpty();
    } catch (LibvirtFailure failure) {
      if (failure.code() == LibvirtFailure.Code.NO_DOMAIN) {
        return true; // it went between two questions
      }
      throw failure;
    }
  }

  private static void persist(DomainIdentity domain, BooleanSupplier step)
      throws InterruptedException {
    long deadline = System.nanoTime() + BOUND.toNanos();
    while (!succeeds(domain, step)) {
      if (System.nanoTime() > deadline) {
        log.error(
            "{}: libvirt has not answered for {} s: see with \"virsh domstate\" on both hosts where it"
                + " runs",
            domain.name(),
            BOUND.toSeconds());
        return;
      }
      Thread.sleep(LOOK_INTERVAL.toMillis());
    }
  }

  private static boolean succeeds(DomainIdentity domain, BooleanSupplier step) {
    try {
      return step.getAsBoolean();
    } catch (LibvirtFailure failure) {
      log.info("{}: libvirt does not do it: {}", domain.name(), failure.getMessage());
      return failure.code() == LibvirtFailure.Code.NO_DOMAIN;
    }
  }
}
