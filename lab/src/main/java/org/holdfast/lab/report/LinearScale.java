package org.holdfast.lab.report;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * Maps a quantity to the width or the height of a picture.
 *
 * @param from the least value
 * @param until the greatest value, more than the least
 * @param begin where the least value lies, user units
 * @param end where the greatest value lies, user units
 */
record LinearScale(double from, double until, double begin, double end) {
  private static final List<BigDecimal> STEPS =
      List.of(BigDecimal.ONE, BigDecimal.valueOf(2), BigDecimal.valueOf(5), BigDecimal.TEN);

  /** Where a value lies. */
  double at(double value) {
    return begin + (end - begin) * (value - from) / (until - from);
  }

  /**
   * Round values within the scale, in order.
   *
   * @param most how many spaces may lie between them
   */
  List<BigDecimal> ticks(int most) {
    BigDecimal step = step(most);
    List<BigDecimal> ticks = new ArrayList<>();
    for (long number = (long) Math.ceil(from / step.doubleValue()); ; number++) {
      BigDecimal tick = step.multiply(BigDecimal.valueOf(number));
      if (tick.doubleValue() > until) {
        return ticks;
      }
      ticks.add(tick);
    }
  }

  private BigDecimal step(int most) {
    double least = (until - from) / most;
    BigDecimal power = BigDecimal.ONE.scaleByPowerOfTen((int) Math.floor(Math.log10(least)));
    return STEPS.stream()
        .map(power::multiply)
        .filter(step -> step.doubleValue() >= least)
        .findFirst()
        .orElseThrow();
  }
}
