package org.holdfast.agent.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.holdfast.agent.discovery.Discovery;
import org.holdfast.agent.freeze.Freezer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Owners are brought to a stand. */
@Tag("kernel")
class ReadinessTest {
  private static final Duration BOUND = Duration.ofSeconds(1);

  /** Whoever waits for a processor stands only when it has got one. */
  private static final int BUSY_OWNERS = 3 * Runtime.getRuntime().availableProcessors();

  @TempDir Path directory;

  private final List<Process> owners = new ArrayList<>();

  @BeforeEach
  void begin() throws IOException {
    for (int i = 0; i < BUSY_OWNERS; i++) {
      owners.add(new ProcessBuilder("sh", "-c", "while :; do :; done").start());
    }
  }

  @AfterEach
  void end() throws InterruptedException {
    for (Process owner : owners) {
      owner.destroyForcibly().waitFor();
    }
  }

  /** With ten thousand connections that takes seconds on an emulated processor. */
  @Test
  void lookingOwnersUpTakesNothingOfTheTimeTheyHaveToStand() {
    try (Discovery discovery = Discovery.ofGuest()) {
      Freezer freezer = Freezer.of(directory.resolve("frozen"));
      Readiness readiness = new Readiness(discovery, freezer.begin());
      readiness.stand(
          connections -> {
            sleep(BOUND.plusMillis(100));
            return pids();
          },
          BOUND);

      assertThat(readiness.running()).isEmpty();
      readiness.callOff();
    }
  }

  private Set<Integer> pids() {
    return owners.stream()
        .map(owner -> (int) owner.pid())
        .collect(Collectors.toCollection(HashSet::new));
  }

  private static void sleep(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
