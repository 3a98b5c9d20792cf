package org.holdfast.lab.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.lab.workload.ClientKind;
import org.holdfast.lab.workload.LoadEvent;
import org.holdfast.lab.workload.LoadVerdict;
import org.holdfast.lab.workload.Phase;
import org.junit.jupiter.api.Test;

final class LossesTest {
  private static final Phase FIRST = new Phase("migration 1", at(10), at(14), at(54));
  private static final Phase SECOND = new Phase("migration 2", at(60), at(64), at(65));

  private final List<LoadEvent> events = new ArrayList<>();
  private final Losses losses = new Losses();

  LossesTest() {
    events.add(
        new LoadEvent.Opened(
            at(1), "stream-02", ClientKind.STREAM, "[192.0.2.20]:5", "[192.0.2.10]:7001", ""));
  }

  @Test
  void aLossIsToldOnceWithItsTimeAndReason() {
    events.add(new LoadEvent.Progress(at(12), "stream-02", 9, 1, Duration.ZERO));
    events.add(new LoadEvent.Lost(at(13), "stream-02", "read failed: reset (ECONNRESET)"));

    Losses.News first = losses.news(verdict(FIRST));
    assertThat(first.lost()).isOne();
    assertThat(first.lines())
        .singleElement()
        .asString()
        .startsWith("LOST stream-02 at 1970-01-01T00:00:13Z: read failed: reset (ECONNRESET)");
    assertThat(losses.news(verdict(SECOND)).none()).isTrue();
  }

  /** Between two migrations no phase is there to tell. */
  @Test
  void aLossOutsideOfAnyPhaseIsToldToo() {
    events.add(new LoadEvent.Lost(at(57), "stream-02", "timed out (ETIMEDOUT)"));

    assertThat(losses.news(verdict(SECOND)).lost()).isOne();
  }

  @Test
  void whoIsSilentIsLostAndStaysOne() {
    Losses.News silent = losses.news(verdict(FIRST));
    assertThat(silent.lost()).isOne();
    assertThat(silent.lines()).singleElement().asString().contains("nothing came", "migration 1");

    events.add(new LoadEvent.Lost(at(62), "stream-02", "timed out (ETIMEDOUT)"));
    assertThat(losses.news(verdict(SECOND)).none()).isTrue();
  }

  @Test
  void eachFindingCountsOnce() {
    events.add(new LoadEvent.Corruption(at(12), "stream-02", "block 7 differs"));
    events.add(new LoadEvent.Progress(at(20), "stream-02", 9, 1, Duration.ZERO));
    assertThat(losses.news(verdict(FIRST)).corrupted()).isOne();

    events.add(new LoadEvent.Corruption(at(61), "stream-02", "block 8 is missing"));
    events.add(new LoadEvent.Progress(at(70), "stream-02", 9, 1, Duration.ZERO));
    Losses.News second = losses.news(verdict(SECOND));
    assertThat(second.corrupted()).isOne();
    assertThat(second.lost()).isZero();
    assertThat(second.lines())
        .containsExactly("CORRUPTED stream-02 at 1970-01-01T00:01:01Z: block 8 is missing");
  }

  private LoadVerdict verdict(Phase phase) {
    return LoadVerdict.of(List.of(phase), events, List.of());
  }

  private static Instant at(long second) {
    return Instant.ofEpochSecond(second);
  }
}
