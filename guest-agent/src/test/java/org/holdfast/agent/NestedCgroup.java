package org.holdfast.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A cgroup inside a cgroup of the test's own, in the v2 tree of this machine. */
final class NestedCgroup implements AutoCloseable {
  private static final int TRIES = 100;
  private static final int PAUSE_MILLIS = 20;

  private final Path outer;
  private final Path inner;

  NestedCgroup() throws IOException {
    outer = tree().resolve("holdfast-test-owners-" + ProcessHandle.current().pid());
    inner = Files.createDirectories(outer.resolve("inner"));
  }

  private static Path tree() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .filter(line -> line.contains(" - cgroup2 "))
        .map(line -> Path.of(line.split(" ")[4]))
        .findFirst()
        .orElseThrow(() -> new IOException("no cgroup v2 tree is mounted"));
  }

  /** Puts a process in; what it forks from now on is in too. */
  void adopt(long pid) throws IOException {
    Files.writeString(inner.resolve("cgroup.procs"), pid + "\n");
  }

  /** A cgroup can be removed when the last of its dead has been buried. */
  @Override
  public void close() throws IOException {
    for (Path cgroup : List.of(inner, outer)) {
      for (int i = 0; !tryDelete(cgroup) && i < TRIES; i++) {
        try {
          Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      Files.deleteIfExists(cgroup);
    }
  }

  private static boolean tryDelete(Path cgroup) {
    try {
      return Files.deleteIfExists(cgroup);
    } catch (IOException busy) {
      return false;
    }
  }
}
