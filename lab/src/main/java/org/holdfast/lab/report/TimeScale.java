package org.holdfast.lab.report;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Maps time to the width of a picture.
 *
 * @param from at the left edge
 * @param until at the right edge
 * @param left of the plot, user units
 * @param width of the plot, user units
 */
record TimeScale(Instant from, Instant until, double left, double width) {
  private static final long[] STEPS_MILLIS = {
    10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 60_000
  };
  private static final int TICKS = 12;

  /** Where a moment lies, kept within the plot. */
  double at(Instant time) {
    double share =
        (double) Duration.between(from, time).toNanos() / Duration.between(from, until).toNanos();
    return left + width * Math.min(1, Math.max(0, share));
  }

  /** Whether any of that time is in the plot. */
  boolean shows(Instant begin, Instant end) {
    return end.isAfter(from) && begin.isBefore(until);
  }

  /** Round offsets from an origin, at most twelve. */
  List<Duration> ticks(Instant origin) {
    long span = Duration.between(from, until).toMillis();
    long step = STEPS_MILLIS[STEPS_MILLIS.length - 1];
    for (long candidate : STEPS_MILLIS) {
      if (span / candidate <= TICKS) {
        step = candidate;
        break;
      }
    }
    List<Duration> ticks = new ArrayList<>();
    long first = -Math.floorDiv(-Duration.between(origin, from).toMillis(), step) * step;
    long last = Duration.between(origin, until).toMillis();
    for (long tick = first; tick <= last; tick += step) {
      ticks.add(Duration.ofMillis(tick));
    }
    return ticks;
  }
}
