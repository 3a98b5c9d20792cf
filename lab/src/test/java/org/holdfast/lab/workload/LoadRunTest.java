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

  private static boolean sleep(Duration time) throws InterruptedException {
    Thread.sleep(time.toMillis());
    return true;
  }
}
