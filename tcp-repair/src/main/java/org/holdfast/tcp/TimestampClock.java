package org.holdfast.tcp;

/**
 * The clock of a connection's timestamps (RFC 7323) as TCP_TIMESTAMP tells and takes it. Since
 * Linux 6.7 the lowest bit says that the clock counts microseconds; before, it is part of the time.
 * So that a kernel of the other kind does not misread it, it always says it here; one tick too late
 * does no harm, one too early would.
 */
public final class TimestampClock {
  private static final int COUNTS_MICROSECONDS = 1;

  private TimestampClock() {}

  /**
   * @param reading of the kernel, of either kind
   * @param microseconds whether the clock counts them; else it counts milliseconds
   */
  public static int of(int reading, boolean microseconds) {
    return microseconds ? reading | COUNTS_MICROSECONDS : reading + 1 & ~COUNTS_MICROSECONDS;
  }

  /** Whether the clock counts microseconds rather than milliseconds. */
  public static boolean countsMicroseconds(int timestamp) {
    return (timestamp & COUNTS_MICROSECONDS) != 0;
  }

  /**
   * The later of two readings, as one of the first's clock: a timestamp that goes back makes the
   * peer drop segments (RFC 7323, 5.3).
   */
  static int later(int own, int other) {
    int later = SequenceNumber.later(own, other);
    return countsMicroseconds(later) == countsMicroseconds(own) ? later : later + 1;
  }
}
