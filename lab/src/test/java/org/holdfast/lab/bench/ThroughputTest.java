package org.holdfast.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Instant;
import java.util.List;
import org.assertj.core.data.Offset;
import org.holdfast.lab.LabException;
import org.holdfast.lab.report.LineChart.Point;
import org.junit.jupiter.api.Test;

/** What peers get through is told of its own time, whenever it was noted. */
class ThroughputTest {
  private static final Instant ORIGIN = Instant.ofEpochSecond(1_800_000_000);
  private static final Offset<Double> ROUNDING = within(0.001);

  /** 8 MiB/s until the origin, 2 MiB/s for 3 s, nothing for 1 s, then 4 MiB/s. */
  private static final Throughput THROUGHPUT =
      Throughput.of(
          """
          1799999990.000 0
          1800000000.000 83886080
          1800000003.000 90177536
          1800000004.000 90177536
          1800000010.000 115343360
          """,
          ORIGIN);

  @Test
  void eachSecondHasItsRateInItsMiddle() {
    List<Point> rates = THROUGHPUT.rates(-1, 5);

    assertThat(rates)
        .extracting(Point::across)
        .usingComparatorForType((one, other) -> Math.abs(one - other) < 0.001 ? 0 : 1, Double.class)
        .containsExactly(-0.5, 0.5, 1.5, 2.5, 3.5, 4.5);
    double[] expected = {8, 2, 2, 2, 0, 4};
    for (int second = 0; second < expected.length; second++) {
      assertThat(rates.get(second).value())
          .as("in %d", second)
          .isEqualTo(expected[second], ROUNDING);
    }
  }

  @Test
  void whatIsOverIsSharedOut() {
    List<Point> rates = THROUGHPUT.rates(0, 2.8);

    assertThat(rates).hasSize(2);
    assertThat(rates.get(1).across()).isEqualTo(2.1, ROUNDING);
    assertThat(rates.get(1).value()).isEqualTo(2, ROUNDING);
    assertThat(THROUGHPUT.rates(0, 0.4)).singleElement().extracting(Point::across).isEqualTo(0.2);
  }

  @Test
  void aMedianIsOfItsTimeAlone() {
    assertThat(THROUGHPUT.median(-5, 0)).isEqualTo(8 * 1024);
    assertThat(THROUGHPUT.median(0, 5)).isEqualTo(2 * 1024);
  }

  @Test
  void beforeTheFirstNoteAndAfterTheLastNothingWasSent() {
    assertThat(THROUGHPUT.median(-20, -12)).isZero();
    assertThat(THROUGHPUT.median(11, 15)).isZero();
  }

  @Test
  void noNotesAreNoThroughput() {
    assertThatThrownBy(() -> Throughput.of("", ORIGIN)).isInstanceOf(LabException.class);
  }
}
