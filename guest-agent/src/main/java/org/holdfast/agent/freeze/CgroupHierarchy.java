package org.holdfast.agent.freeze;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.holdfast.agent.proc.KernelText;

/**
 * The cgroup v2 tree (Documentation/admin-guide/cgroup-v2.rst), wherever it is mounted.
 *
 * @param mount its root directory
 */
record CgroupHierarchy(Path mount) {
  private static final String UNIFIED_PREFIX = "0::";

  /**
   * Finds the tree.
   *
   * @param mountinfo lines of /proc/self/mountinfo
   * @return empty if no whole cgroup v2 tree is mounted
   */
  static Optional<CgroupHierarchy> find(List<String> mountinfo) {
    for (String line : mountinfo) {
      // 41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
      String[] halves = line.split(" - ", 2);
      String[] fields = halves[0].split(" ");
      if (halves.length == 2
          && halves[1].startsWith("cgroup2 ")
          && fields.length > 4
          && fields[3].equals("/")) {
        return Optional.of(new CgroupHierarchy(Path.of(fields[4])));
      }
    }
    return Optional.empty();
  }

  /**
   * The cgroup of a process, "/system.slice/ssh.service".
   *
   * @param cgroup lines of /proc/PID/cgroup
   * @return empty if they name none of this tree
   */
  static Optional<String> pathIn(List<String> cgroup) {
    return cgroup.stream()
        .filter(line -> line.startsWith(UNIFIED_PREFIX))
        .map(line -> line.substring(UNIFIED_PREFIX.length()))
        .findFirst();
  }

  /** Whether {@code inner} is the cgroup {@code outer} or lies below it. */
  static boolean contains(String outer, String inner) {
    return outer.equals("/") || inner.equals(outer) || inner.startsWith(outer + "/");
  }

  /** Whether the kernel can freeze this cgroup. */
  boolean canFreeze(String path) {
    return Files.isWritable(directory(path).resolve("cgroup.freeze"));
  }

  /** Whether somebody has asked for this cgroup to be frozen. */
  boolean isAskedToFreeze(String path) {
    return KernelText.read(directory(path).resolve("cgroup.freeze"))
        .map(text -> text.strip().equals("1"))
        .orElse(false);
  }

  /** Asks for the cgroup to be frozen, or to run again. */
  void ask(String path, boolean frozen) throws IOException {
    Files.writeString(directory(path).resolve("cgroup.freeze"), frozen ? "1" : "0");
  }

  /** Whether every thread of the cgroup stands; in one that is gone nobody runs. */
  boolean isFrozen(String path) {
    return KernelText.read(directory(path).resolve("cgroup.events"))
        .map(text -> text.lines().anyMatch("frozen 1"::equals))
        .orElse(true);
  }

  private Path directory(String path) {
    return mount.resolve(path.substring(1));
  }
}
