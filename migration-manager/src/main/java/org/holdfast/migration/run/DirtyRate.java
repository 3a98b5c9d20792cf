package org.holdfast.migration.run;

import java.util.OptionalLong;
import java.util.function.Supplier;
import org.holdfast.libvirt.LibvirtFailure;
import org.holdfast.libvirt.VirtualMachine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much memory a VM writes to, bytes/s. It is measured while the migration is prepared, for
 * libvirt does not measure while a job is under way; what cannot be measured is not known.
 */
final class DirtyRate implements Supplier<OptionalLong> {
  private static final Logger log = LoggerFactory.getLogger(DirtyRate.class);
  private static final int SECONDS = 1;

  private final VirtualMachine machine;
  private boolean measured;

  DirtyRate(VirtualMachine machine) {
    this.machine = machine;
  }

  /** Begins, which takes a second; nobody waits for it. No job may be under way. */
  void measure() {
    try {
      machine.measureDirtyRate(SECONDS);
      measured = true;
    } catch (LibvirtFailure failure) {
      log.info("{}", failure.getMessage());
    }
  }

  @Override
  public OptionalLong get() {
    if (!measured) {
      return OptionalLong.empty(); // libvirt might tell what was measured long ago
    }
    try {
      OptionalLong rate = machine.dirtyRate();
      rate.ifPresent(known -> log.info("{} writes to {} bytes/s", machine.name(), known));
      return rate;
    } catch (LibvirtFailure failure) {
      log.info("{}", failure.getMessage());
      return OptionalLong.empty();
    }
  }
}
