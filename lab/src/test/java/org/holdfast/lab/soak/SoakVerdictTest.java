package org.holdfast.lab.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class SoakVerdictTest {
  @Test
  void theLastLineHasEveryFigure() {
    Tally tally = new Tally();
    tally.opened(58);
    tally.migrated(true, false);
    tally.migrated(false, true);
    tally.migrated(true, true);
    tally.add(new Losses.News(List.of("a", "b", "c"), 2, 1));
    tally.leaked(4);

    assertThat(tally.verdict().line())
        .isEqualTo(
            "SOAK migrations=3 rollbacks=1 faults=2 connections=58 lost=2 corrupted=1 leaks=4");
  }

  @Test
  void isCleanOnlyIfNothingWasLostWrongOrLeft() {
    assertThat(verdict(0, 0, 0).clean()).isTrue();
    assertThat(verdict(1, 0, 0).clean()).isFalse();
    assertThat(verdict(0, 1, 0).clean()).isFalse();
    assertThat(verdict(0, 0, 1).clean()).isFalse();
  }

  @Test
  void isNotCleanWithAnotherProblem() {
    Tally tally = new Tally();
    tally.problem("migration 3 failed, and no fault had struck it");

    assertThat(tally.verdict().clean()).isFalse();
  }

  private static SoakVerdict verdict(int lost, int corrupted, long leaks) {
    return new SoakVerdict(20, 3, 10, 58, lost, corrupted, leaks, List.of());
  }
}
