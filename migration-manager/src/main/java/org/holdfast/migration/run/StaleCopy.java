package org.holdfast.migration.run;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
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
    return persist(
        domain,
        false,
        () -> {
          Optional<VirtualMachine> running =
              host.active(domain.uuid()).filter(copy -> copy.state().isRunning());
          running.ifPresent(VirtualMachine::suspend);
          return Optional.of(running.isPresent());
        });
  }

  /** It was no copy after all: what {@link #stop} did is undone. */
  static void letGoOn(Host host, DomainIdentity domain) throws InterruptedException {
    persist(
        domain,
        true,
        () -> {
          host.active(domain.uuid()).ifPresent(VirtualMachine::resume);
          return Optional.of(true);
        });
  }

  /**
   * Ends it if there is one that stands, and waits for that.
   *
   * @param stale whether what is here would still be such a copy
   */
  static void end(Host host, DomainIdentity domain, BooleanSupplier stale)
      throws InterruptedException {
    persist(
        domain,
        true,
        () ->
            Optional.of(!stale.getAsBoolean() || nothingStands(host, domain)).filter(over -> over));
  }

  private static boolean nothingStands(Host host, DomainIdentity domain) {
    Optional<VirtualMachine> copy =
        host.active(domain.uuid()).filter(active -> !active.state().isRunning());
    copy.ifPresent(VirtualMachine::destroy);
    return copy.isEmpty();
  }

  /** Whether it stands, or is not here at all; waits for libvirt's answer. */
  static boolean doesNotRun(Host host, DomainIdentity domain) throws InterruptedException {
    return persist(
        domain,
        true,
        () ->
            Optional.of(host.active(domain.uuid()).filter(vm -> vm.state().isRunning()).isEmpty()));
  }

  /** Whether libvirt has no such domain here, running or paused; waits for its answer. */
  static boolean isGone(Host host, DomainIdentity domain) throws InterruptedException {
    return persist(domain, true, () -> Optional.of(host.active(domain.uuid()).isEmpty()));
  }

  /**
   * Repeats a step until it has an answer.
   *
   * @param ifUnknown the answer where libvirt does not know the domain
   * @param step empty if it is to be repeated, as where libvirt fails
   * @return the answer; false if there was none in time
   */
  private static boolean persist(
      DomainIdentity domain, boolean ifUnknown, Supplier<Optional<Boolean>> step)
      throws InterruptedException {
    long deadline = System.nanoTime() + BOUND.toNanos();
    Optional<Boolean> answer = attempt(domain, ifUnknown, step);
    while (answer.isEmpty() && System.nanoTime() <= deadline) {
      Thread.sleep(LOOK_INTERVAL.toMillis());
      answer = attempt(domain, ifUnknown, step);
    }
    if (answer.isEmpty()) {
      log.error(
          "{}: libvirt has not answered for {} s: see with \"virsh domstate\" on both hosts where it"
              + " runs",
          domain.name(),
          BOUND.toSeconds());
    }
    return answer.orElse(false);
  }

  private static Optional<Boolean> attempt(
      DomainIdentity domain, boolean ifUnknown, Supplier<Optional<Boolean>> step) {
    try {
      return step.get();
    } catch (LibvirtFailure failure) {
      log.info("{}: libvirt does not do it: {}", domain.name(), failure.getMessage());
      return Optional.of(ifUnknown)
          .filter(known -> failure.code() == LibvirtFailure.Code.NO_DOMAIN);
    }
  }
}
