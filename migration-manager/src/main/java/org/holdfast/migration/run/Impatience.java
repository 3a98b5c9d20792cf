package org.holdfast.migration.run;

import java.time.Duration;
import org.holdfast.libvirt.LibvirtFailure;
import org.holdfast.libvirt.VirtualMachine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How long an operator lets a guest run while its memory is sent: then it is suspended. */
final class Impatience {
  private static final Logger log = LoggerFactory.getLogger(Impatience.class);

  private final VirtualMachine machine;
  private final MigrationJob job;
  private final long begin = System.nanoTime();
  private final Duration bound;
  private boolean suspended;

  /**
   * Counts from now on.
   *
   * @param job that moves {@code machine}
   * @param bound zero: for ever
   */
  Impatience(VirtualMachine machine, MigrationJob job, Duration bound) {
    this.machine = machine;
    this.job = job;
    this.bound = bound;
  }

  boolean isOver() {
    return !bound.isZero() && System.nanoTime() - begin > bound.toNanos();
  }

  /** Once, and not where QEMU has stopped the guest itself. */
  void suspendIfOver() {
    if (suspended || !isOver() || job.switchedOver().isDone()) {
      return;
    }
    suspended = true;
    log.info("{}: suspended, since it has not converged in time", machine.name());
    try {
      machine.suspend();
    } catch (LibvirtFailure failure) {
      // The job may have ended this very moment; how it ended is told by its own answer.
      log.info("{}: it cannot be suspended: {}", machine.name(), failure.getMessage());
    }
  }
}
