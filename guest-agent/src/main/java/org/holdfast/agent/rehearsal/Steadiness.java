package org.holdfast.agent.rehearsal;

import java.time.Duration;

/**
 * Whether rounds still get faster. They do while the Java virtual machine finds code that is worth
 * compiling; then nothing is left to be learnt.
 */
final class Steadiness {
  /** So many rounds without a faster one are the end. */
  private static final int PATIENCE_ROUNDS = 10;

  /** What counts as faster. */
  private static final double GAIN = 0.93;

  private int rounds;
  private int roundsSinceGain;
  private Duration fastest = Duration.ofDays(1);

  void add(Duration round) {
    rounds++;
    roundsSinceGain++;
    if (round.toNanos() < fastest.toNanos() * GAIN) {
      roundsSinceGain = 0;
      fastest = round;
    }
  }

  /** How many there were. */
  int rounds() {
    return rounds;
  }

  boolean isReached() {
    return roundsSinceGain >= PATIENCE_ROUNDS;
  }

  @Override
  public String toString() {
    return rounds == 0
        ? "not once"
        : rounds + " times, the fastest in " + fastest.toMillis() + " ms";
  }
}
