package org.holdfast.lab.fault;

import org.holdfast.lab.KvmHost;

/**
 * What a host's daemon logs from some moment on: each transition before it acts on it.
 *
 * @param from bytes that were logged before
 */
public record DaemonLog(KvmHost host, long from) {

  /** From now on. */
  public static DaemonLog fromNow(KvmHost host) {
    return new DaemonLog(
        host, Long.parseLong(host.bash("stat -c %s /var/log/holdfastd.log").orThrow().text()));
  }

  /**
   * Waits for a state of a migration, a minute at most.
   *
   * @param state as the daemon names it
   * @return false if the migration has ended without it: QEMU was faster than the takeover, or it
   *     was refused
   */
  public boolean reaches(String state) {
    return host.bash(
            """
            end=$((SECONDS + 60))
            while [ $SECONDS -lt $end ]; do
                tail -c +%1$d /var/log/holdfastd.log | grep -q -e '--> %2$s$' && exit 0
                tail -c +%1$d /var/log/holdfastd.log \\
                    | grep -q -E -e '--> (COMPLETED|ROLLED_BACK|FAILED)$' && exit 1
                sleep 0.01
            done
            exit 1
            """
                .formatted(from + 1, state))
        .succeeded();
  }
}
