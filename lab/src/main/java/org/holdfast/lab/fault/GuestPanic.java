package org.holdfast.lab.fault;

import org.holdfast.lab.Lab;

/**
 * A panic of the guest's kernel on an emulated processor: QEMU's TCG does not see every store while
 * a migration begins, any migration (the guest's init tells why, and what it does about it). On
 * KVM, which has the processor mark the pages, it would be a failure.
 */
public final class GuestPanic {
  /** Succeeds if the console of an emulated guest tells of a panic, and forgets it then. */
  private static final String FIND_PANIC =
      """
      cd /var/log/libvirt/qemu || exit 1
      for console in *-console.log; do
          grep -q 'Kernel panic - not syncing' "$console" || continue
          grep -q -e '-accel tcg' "${console%-console.log}.log" || continue
          truncate -s 0 "$console"
          exit 0
      done
      exit 1
      """;

  private GuestPanic() {}

  /** Whether an emulated guest of the lab has panicked since this was asked last. */
  public static boolean happened(Lab lab) {
    return lab.hosts().stream().anyMatch(host -> host.bash(FIND_PANIC).succeeded());
  }
}
