package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.NetworkNamespace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Commands in a takeover namespace, which is to go at once when it is removed. */
class NamespaceProgramTest {
  private static final Duration ENDED_BOUND = Duration.ofSeconds(5);

  private final NetworkNamespace namespace =
      NetworkNamespace.create("program-" + ProcessHandle.current().pid());

  @AfterEach
  void delete() {
    namespace.delete();
  }

  @Test
  void runsInTheNamespaceOfWhoAsks() throws Exception {
    try (NamespaceThread inside = namespace.startThread("inside")) {
      Path network = inside.call(NamespaceProgramTest::networkOfThisThread);

      Process process =
          inside.call(
              () -> NamespaceProgram.start(List.of("readlink", "/proc/thread-self/ns/net")));

      assertThat(new String(process.getInputStream().readAllBytes()).strip())
          .isEqualTo(network.toString())
          .isNotEqualTo(networkOfThisThread().toString());
    }
  }

  /** Several at a time, so that each has a thread that awaits its end. */
  @Test
  void leavesNobodyThere() throws Exception {
    try (NamespaceThread inside = namespace.startThread("inside")) {
      Path network = inside.call(NamespaceProgramTest::networkOfThisThread);
      for (int i = 0; i < 8; i++) {
        inside.call(() -> NamespaceProgram.start(List.of("sleep", "0.2")));
      }

      assertThat(networksOfAllThreads().filter(network::equals)).as("before").hasSize(1);
      inside.close();
      // The kernel's thread ends a little after Java's; one that awaits programs stays a minute.
      Await.until(ENDED_BOUND, () -> networksOfAllThreads().noneMatch(network::equals));
    }
  }

  private static Path networkOfThisThread() throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net"));
  }

  private static Stream<Path> networksOfAllThreads() {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      return tasks.toList().stream().flatMap(NamespaceProgramTest::network);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<Path> network(Path task) {
    try {
      return Stream.of(Files.readSymbolicLink(task.resolve("ns/net")));
    } catch (IOException ended) {
      return Stream.empty();
    }
  }
}
