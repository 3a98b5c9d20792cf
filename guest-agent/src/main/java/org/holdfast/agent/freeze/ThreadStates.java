package org.holdfast.agent.freeze;

import java.io.File;
import java.nio.file.Path;
import java.util.Optional;
import org.holdfast.agent.proc.KernelText;

/** Reads what the threads of a process do, from /proc. */
final class ThreadStates {
  private final Path proc;

  ThreadStates(Path proc) {
    this.proc = proc;
  }

  /** Whether every thread of the process is stopped or dead; a process that is gone stands too. */
  boolean allStand(int pid) {
    Path tasks = proc.resolve(Integer.toString(pid)).resolve("task");
    String[] threads = new File(tasks.toString()).list();
    if (threads == null) {
      return true;
    }
    for (String thread : threads) {
      if (!stat(tasks.resolve(thread)).map(stat -> stands(state(stat))).orElse(true)) {
        return false;
      }
    }
    return true;
  }

  /**
   * When the process began, in ticks since boot: together with its pid it names a process for ever.
   * Empty if it is gone.
   */
  Optional<String> startTime(int pid) {
    return stat(proc.resolve(Integer.toString(pid))).map(ThreadStates::startTime);
  }

  /** The state's letter: the first field after the name, which may itself contain anything. */
  static char state(String stat) {
    int end = stat.lastIndexOf(')');
    return end < 0 || end + 2 >= stat.length() ? '?' : stat.charAt(end + 2);
  }

  /** Field 22 of proc(5)'s stat. */
  static String startTime(String stat) {
    String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return afterName.length > 19 ? afterName[19] : "";
  }

  private static boolean stands(char state) {
    return switch (state) {
      case 'T', 't', 'Z', 'X', 'x' -> true;
      default -> false;
    };
  }

  private static Optional<String> stat(Path process) {
    return KernelText.read(process.resolve("stat"));
  }
}
