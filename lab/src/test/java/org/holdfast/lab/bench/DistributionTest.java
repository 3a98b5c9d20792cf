package org.holdfast.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** A benchmark's figures are only as good as its quantiles. */
class DistributionTest {
  private final Distribution distribution = new Distribution();

  @Test
  void quantilesAreMeasuredValuesByNearestRank() {
    for (long value : new long[] {15, 20, 35, 40, 50}) {
      distribution.add(value);
    }
    assertThat(distribution.quantile(0.3)).isEqualTo(20);
    assertThat(distribution.quantile(0.4)).isEqualTo(20);
    assertThat(distribution.quantile(0.5)).isEqualTo(35);
    assertThat(distribution.quantile(0.99)).isEqualTo(50);
    assertThat(distribution.quantile(1)).isEqualTo(50);
  }

  @Test
  void theOrderOfMeasuringDoesNotMatter() {
    distribution.add(3);
    distribution.add(1);
    distribution.add(2);
    assertThat(distribution.quantile(0.5)).isEqualTo(2);
  }

  @Test
  void nothingMeasuredHasNoQuantile() {
    assertThatThrownBy(() -> distribution.quantile(0.5)).isInstanceOf(IllegalStateException.class);
  }
}
