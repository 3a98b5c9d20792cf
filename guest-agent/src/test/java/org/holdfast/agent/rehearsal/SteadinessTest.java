package org.holdfast.agent.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A rehearsal that ends too early leaves the first blackout slow; one without end is a burden. */
class SteadinessTest {
  private final Steadiness steadiness = new Steadiness();

  @Test
  void roundsThatGetFasterAreFollowedByMore() {
    for (int round = 0; round < 40; round++) {
      add(1000.0 * Math.pow(0.9, round));
      assertThat(steadiness.isReached()).isFalse();
    }
  }

  @Test
  void itEndsWhenNothingIsGainedForAWhile() {
    add(1000);
    add(100);
    for (int round = 0; round < 9; round++) {
      add(97 + round);
      assertThat(steadiness.isReached()).isFalse();
    }
    add(200);
    assertThat(steadiness.isReached()).isTrue();
    assertThat(steadiness.rounds()).isEqualTo(12);
  }

  @Test
  void aGainBeginsTheWaitingAnew() {
    add(100);
    for (int round = 0; round < 9; round++) {
      add(100);
    }
    add(50);
    assertThat(steadiness.isReached()).isFalse();
  }

  private void add(double millis) {
    steadiness.add(Duration.ofNanos((long) (millis * 1e6)));
  }
}
