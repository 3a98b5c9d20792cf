package org.holdfast.lab.fault;

import org.holdfast.lab.Lab;

/**
 * The end of a guest's kernel on an emulated processor: QEMU's TCG does not see every store while a
 * migration is under way, any migration (the guest's init tells why, and what it does about it). A
 * kernel that finds what it has not written panics, spins for a lock that nobody has, or sleeps
 * until a timer that it takes for set. On KVM, which has the processor mark the pages, it would be
 * a failure.
 */
public final class GuestCrash {
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

  /**
   * Succeeds if an emulated guest that runs stood still whenever it was looked at for four seconds:
   * in its kernel with interrupts off, which is bit 9 of the flags (Intel SDM, EFLAGS.IF), or
   * always within the same 4 KiB of the kernel's code; or idle with its timer set for as late as
   * can be, though a process of it wants to run in 10 ms.
   */
  private static final String FIND_STANDSTILL =
      """
      cd /var/log/libvirt/qemu || exit 1
      ask() { virsh qemu-monitor-command "$1" --hmp "$2"; }
      stands() {
          registers=$(ask "$1" 'info registers') || return 1
          flags=$(sed -n 's/.*RFL=\\([0-9a-f]*\\).*/\\1/p' <<< "$registers")
          page=$(sed -n 's/.*RIP=\\([0-9a-f]*\\)[0-9a-f]\\{3\\} .*/\\1/p' <<< "$registers")
          [ -n "$stood" ] || stood=$page
          if grep -q 'HLT=1' <<< "$registers"; then
              ask "$1" 'info lapic' | grep -q 'initial_count = 2147483647'
          else
              grep -q 'CPL=0' <<< "$registers" || return 1
              [ $((0x$flags & 0x200)) -eq 0 ] || [ "$page" = "$stood" ]
          fi
      }
      still() {
          stood=
          for look in 1 2 3 4 5 6 7 8; do
              stands "$1" || return 1
              sleep 0.5
          done
      }
      for domain in $(virsh list --name --state-running); do
          grep -q -e '-accel tcg' "$domain.log" && still "$domain" && exit 0
      done
      exit 1
      """;

  private GuestCrash() {}

  /** Whether an emulated guest of the lab has panicked since this was asked last, or spins now. */
  public static boolean happened(Lab lab) {
    return lab.hosts().stream()
        .anyMatch(
            host -> host.bash(FIND_PANIC).succeeded() || host.bash(FIND_STANDSTILL).succeeded());
  }
}
