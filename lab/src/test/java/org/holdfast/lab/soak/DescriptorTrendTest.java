package org.holdfast.lab.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class DescriptorTrendTest {
  @Test
  void aDescriptorForEachMigrationIsALeak() {
    assertThat(DescriptorTrend.leaked(List.of(62L, 80L, 100L, 120L, 140L, 160L))).isEqualTo(98);
  }

  @Test
  void aSlowLeakIsALeakOnceItIsMoreThanAFew() {
    assertThat(DescriptorTrend.leaked(List.of(60L, 64L, 68L, 72L, 76L))).isZero();
    assertThat(DescriptorTrend.leaked(List.of(60L, 65L, 70L, 75L, 80L))).isEqualTo(20);
  }

  @Test
  void whatGrewOnceAndThenStoodIsNone() {
    assertThat(DescriptorTrend.leaked(List.of(60L, 95L, 94L, 96L, 95L))).isZero();
  }

  @Test
  void whatGoesUpAndDownIsNone() {
    assertThat(DescriptorTrend.leaked(List.of(80L, 120L, 70L, 130L, 82L))).isZero();
    assertThat(DescriptorTrend.leaked(List.of(80L, 60L, 60L))).isZero();
  }

  @Test
  void aShortRunIsJudgedByItsEnds() {
    assertThat(DescriptorTrend.leaked(List.of())).isZero();
    assertThat(DescriptorTrend.leaked(List.of(500L))).isZero();
    assertThat(DescriptorTrend.leaked(List.of(60L, 60L + DescriptorTrend.FEW))).isZero();
    assertThat(DescriptorTrend.leaked(List.of(60L, 61L + DescriptorTrend.FEW)))
        .isEqualTo(DescriptorTrend.FEW + 1);
  }

  @Test
  void eachProcessIsJudgedByItself() {
    DescriptorTrend trend = new DescriptorTrend();
    for (long round = 0; round < 6; round++) {
      trend.add("holdfastd on kvm1", 60 + 20 * round);
      trend.add("holdfastd on kvm2", 60 + round % 2);
    }

    assertThat(trend.leaks()).containsOnlyKeys("holdfastd on kvm1");
    assertThat(trend.leaks()).containsEntry("holdfastd on kvm1", 100L);
  }
}
