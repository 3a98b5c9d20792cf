package org.holdfast.channel;

import java.time.Duration;

/** A moment on the monotonic clock. */
final class Deadline {
  private final Duration bound;
  private final long nanoTime;

  private Deadline(Duration bound, long nanoTime) {
    this.bound = bound;
    this.nanoTime = nanoTime;
  }

  static Deadline in(Duration bound) {
    return new Deadline(bound, System.nanoTime() + bound.toNanos());
  }

  /** The earlier of this one and one that far from now. */
  Deadline atMost(Duration other) {
    return other.toNanos() < remainingNanos() ? in(other) : this;
  }

  long remainingNanos() {
    return nanoTime - System.nanoTime();
  }

  boolean isOver() {
    return remainingNanos() <= 0;
  }

  /** How long it was when it began. */
  Duration bound() {
    return bound;
  }
}
