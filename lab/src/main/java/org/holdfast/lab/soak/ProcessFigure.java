package org.holdfast.lab.soak;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.lab.CommandResult;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.VirtualMachine;

/**
 * What a process takes of its machine.
 *
 * @param process which, in words
 * @param residentKibibytes VmRSS of /proc/PID/status
 * @param descriptors entries of /proc/PID/fd
 */
record ProcessFigure(String process, long residentKibibytes, long descriptors) {
  /** How many {@link #all} finds when none is missing. */
  static final int PROCESSES = 4;

  /** Prints both numbers of the process whose PID the first line finds. */
  private static final String SCRIPT =
      """
      pid=$(%s)
      [ -n "$pid" ] || exit 1
      resident=$(sed -n 's/^VmRSS:[^0-9]*\\([0-9]*\\) kB/\\1/p' "/proc/$pid/status")
      set -- "/proc/$pid/fd/"*
      echo "$resident $#"
      """;

  private static final String DAEMON = "cat /run/holdfastd.pid";

  /** The brackets keep the pattern from finding the shell that looks for it. */
  private static final String QEMU = "pgrep -o -f '[g]uest=%s,'";

  /** Its cgroup holds the agent and what it starts. */
  private static final String AGENT =
      "for p in $(cat /sys/fs/cgroup/holdfast-guest-agent/cgroup.procs); do"
          + " if [ \"$(cat \"/proc/$p/comm\")\" = java ]; then echo \"$p\"; break; fi; done";

  /**
   * Both daemons, the agent in the guest and QEMU on the host that has the VM. A process that is
   * not there has no figure.
   */
  static List<ProcessFigure> all(Lab lab, VirtualMachine vm) {
    List<ProcessFigure> figures = new ArrayList<>();
    for (KvmHost host : lab.hosts()) {
      add(figures, "holdfastd on " + host.name(), host.bash(SCRIPT.formatted(DAEMON)));
    }
    add(figures, "agent", vm.exec(SCRIPT.formatted(AGENT)));
    add(figures, "QEMU", vm.host().bash(SCRIPT.formatted(QEMU.formatted(vm.name()))));
    return figures;
  }

  private static void add(List<ProcessFigure> figures, String process, CommandResult result) {
    String[] numbers = result.text().split(" ", -1);
    if (result.succeeded() && numbers.length == 2) {
      figures.add(
          new ProcessFigure(process, Long.parseLong(numbers[0]), Long.parseLong(numbers[1])));
    }
  }

  /** Both numbers, for people. */
  String words() {
    return "%s: %d KiB, %d descriptors".formatted(process, residentKibibytes, descriptors);
  }
}
