package org.holdfast.agent.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.holdfast.agent.discovery.Discovery;
import org.holdfast.agent.freeze.Freezer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Owners are brought to a stand. */
@Tag("kernel")
class ReadinessTest {
  private static final Duration BOUND = Duration.ofMillis(500);

  @TempDir Path directory;

  /** With ten thousand connections that takes seconds on an emulated processor. */
  @Test
  void lookingOwnersUpTakesNothingOfTheTimeTheyHaveToStand() throws Exception {
    Process owner = new ProcessBuilder("sleep", "60").start();
    try (Discovery discovery = Discovery.ofGuest()) {
      Freezer freezer = Freezer.of(directory.resolve("frozen"));
      Readiness readiness = new Readiness(discovery, freezer.begin());
      readiness.stand(
          connections -> {
            sleep(BOUND.plusMillis(100));
            return Set.of((int) owner.pid());
          },
          BOUND);

      assertThat(readiness.running()).isEmpty();
      readiness.callOff();
    } finally {
      owner.destroyForcibly().waitFor();
    }
  }

  private static void sleep(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
