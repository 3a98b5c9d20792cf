package org.holdfast.lab;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what other machines do. */
public final class Waiting {
  private static final Duration PAUSE = Duration.ofMillis(200);

  private Waiting() {}

  /**
   * Returns as soon as the condition holds.
   *
   * @param bound how long to wait
   * @param what is waited for, in words for the error
   * @throws LabException if it does not come true within the bound
   */
  public static void until(Duration bound, String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + bound.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new LabException("waited " + bound.toSeconds() + " s in vain for " + what);
      }
      pause(PAUSE, what);
    }
  }

  /**
   * Lets time pass, where nothing can be asked whether it is over.
   *
   * @param time how long
   * @param what is waited for, in words for the error
   * @throws LabException if the thread is interrupted
   */
  public static void pause(Duration time, String what) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted while waiting for " + what, e);
    }
  }
}
