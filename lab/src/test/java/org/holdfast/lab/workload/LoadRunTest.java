package org.holdfast.lab.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The streams and the probe for real, in network namespaces. */
@Tag("kernel")
final class LoadRunTest {
  @Test
  void aShortCutIsASilenceAndNothingElse() throws Exception {
    try (NamespaceSite site = new NamespaceSite();
        LoadRun run = LoadRun.start(site, LoadOptions.streamsOnly(10))) {
      run.phase("quiet", () -> sleep(Duration.ofSeconds(1)));
      run.phase(
          "cut",
          () -> {
            site.cut(Duration.ofMillis(700));
            return true;
          });
      LoadVerdict verdict = run.stop();

      assertThat(verdict.failures()).isEmpty();
      assertThat(verdict.guestErrors()).isEmpty();
      assertThat(verdict.corrupted()).isZero();
      PhaseVerdict cut = verdict.phase("cut");
      assertThat(cut.of()).isEqualTo(11);
      assertThat(cut.kept()).isEqualTo(11);
      assertThat(cut.bytesVerified()).isGreaterThan(10 * 1408);
      assertThat(cut.stall()).isBetween(Duration.ofMillis(690), Duration.ofSeconds(5));
      assertThat(verdict.phase("quiet").stall()).isLessThan(Duration.ofMillis(600));
      assertThat(verdict.rates()).isNotEmpty();
      assertThat(verdict.histories())
          .filteredOn(history -> history.opened().kind() == ClientKind.STREAM)
          .allSatisfy(
              history ->
                  assertThat(history.ended())
                      .hasValueSatisfying(
                          ended ->
                              assertThat(ended.words())
                                  .startsWith("both sides verified")
                                  .endsWith("0 options changed")));
    }
  }

  @Test
  void whoWaitsOnlyASecondIsLostInALongerCut() throws Exception {
    LoadOptions options = LoadOptions.streamsOnly(8).withUserTimeout(Duration.ofSeconds(1));
    try (NamespaceSite site = new NamespaceSite();
        LoadRun run = LoadRun.start(site, options)) {
      run.phase(
          "away",
          () -> {
            site.cut(Duration.ofSeconds(4));
            return true;
          });
      PhaseVerdict away = run.stop().phase("away");

      assertThat(away.of()).isEqualTo(9);
      assertThat(away.kept()).isEqualTo(5);
      assertThat(away.complaints())
          .hasSize(4)
          .allSatisfy(
              lost -> {
                assertThat(lost.fate()).isEqualTo(Fate.LOST);
                assertThat(lost.words()).contains("ETIMEDOUT");
              });
    }
  }

  @Test
  void aRunThatIsSettledGoesOnAndItsFilesDoNotGrow() throws Exception {
    try (NamespaceSite site = new NamespaceSite();
        LoadRun run = LoadRun.start(site, LoadOptions.streamsOnly(10))) {
      run.phase("first", () -> sleep(Duration.ofSeconds(10)));
      LoadVerdict first = run.settle();
      assertThat(first.phase("first").kept()).isEqualTo(11);
      assertThat(kibibytesOfEvents(site)).isLessThanOrEqualTo(8);

      run.phase("second", () -> sleep(Duration.ofSeconds(2)));
      LoadVerdict second = run.stop();

      assertThat(second.failures()).isEmpty();
      assertThat(second.corrupted()).isZero();
      assertThat(second.phases()).hasSize(1);
      assertThat(second.phase("second").kept()).isEqualTo(11);
      assertThat(second.phase("second").bytesVerified()).isGreaterThan(10 * 1408);
      assertThat(second.histories()).hasSize(11);
    }
  }

  /** Blocks, not length: what was read is a hole. */
  private static long kibibytesOfEvents(NamespaceSite site) {
    String size = "du -k " + site.directory() + "/events | cut -f1";
    return Long.parseLong(site.peer(Duration.ofSeconds(10), size).text());
  }

  private static boolean sleep(Duration time) throws InterruptedException {
    Thread.sleep(time.toMillis());
    return true;
  }
}
