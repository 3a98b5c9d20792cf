package org.holdfast.migration.run;

import java.time.Duration;
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
   * Ends it if there is one, and waits for that.
   *
   * @param stale whether what is here would still be such a copy
   */
  static void end(Host host, DomainIdentity domain, BooleanSupplier stale)
      throws InterruptedException {
    long deadline = System.nanoTime() + BOUND.toNanos();
    while (stale.getAsBoolean() && isLeft(host, domain)) {
      if (System.nanoTime() > deadline) {
        log.error(
            "{} runs elsewhere, and its copy here could not be ended: see to it with \"virsh destroy\"",
            domain.name());
        return;
      }
      Thread.sleep(LOOK_INTERVAL.toMillis());
    }
  }

  /**
   * Whether libvirt has no such domain here, running or paused; waits for its answer.
   *
   * @return false also if there is none
   */
  static boolean isGone(Host host, DomainIdentity domain) throws InterruptedException {
    long deadline = System.nanoTime() + BOUND.toNanos();
    while (System.nanoTime() < deadline) {
      try {
        return host.active(domain.uuid()).isEmpty();
      } catch (LibvirtFailure unreachable) {
        log.info("{}: libvirt does not answer: {}", domain.name(), unreachable.getMessage());
        Thread.sleep(LOOK_INTERVAL.toMillis());
      }
    }
    return false;
  }

  private static boolean isLeft(Host host, DomainIdentity domain) {
    try {
      host.active(domain.uuid()).ifPresent(VirtualMachine::destroy);
      return host.active(domain.uuid()).isPresent();
    } catch (LibvirtFailure failure) {
      log.info("{}: its copy here cannot be ended now: {}", domain.name(), failure.getMessage());
      return failure.code() != LibvirtFailure.Code.NO_DOMAIN;
    }
  }
}
