package org.holdfast.lab.soak;

import java.util.List;

/**
 * What a soak found.
 *
 * @param migrations that came to an end
 * @param rollbacks after how many of them the VM ran where it had been
 * @param faults that found their moment
 * @param connections opened
 * @param lost connections that broke, or were silent for longer than {@link
 *     org.holdfast.lab.workload.LoadRun#RECOVERY_BOUND}
 * @param corrupted findings of wrong bytes
 * @param leaks things left on the hosts, and descriptors that became more and more
 * @param problems whatever else was not as it must be, in words; with any, the run was no success
 */
record SoakVerdict(
    int migrations,
    int rollbacks,
    int faults,
    int connections,
    int lost,
    int corrupted,
    long leaks,
    List<String> problems) {
  /** Keeps the problems. */
  SoakVerdict {
    problems = List.copyOf(problems);
  }

  /** Whether all was as it must be. */
  boolean clean() {
    return lost == 0 && corrupted == 0 && leaks == 0 && problems.isEmpty();
  }

  /** The last line, for scripts. */
  String line() {
    return "SOAK migrations=%d rollbacks=%d faults=%d connections=%d lost=%d corrupted=%d leaks=%d"
        .formatted(migrations, rollbacks, faults, connections, lost, corrupted, leaks);
  }
}
