package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what the kernel and other processes do. */
final class Await {
  private static final long PAUSE_MILLIS = 20;

  private Await() {}

  /** Returns as soon as the condition holds; fails if that takes longer than the bound. */
  static void until(Duration bound, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + bound.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      Thread.sleep(PAUSE_MILLIS);
    }
  }
}
