package org.holdfast.tcp;

/** Arithmetic on 32-bit sequence numbers that wrap (RFC 9293, 3.4). */
public final class SequenceNumber {
  private SequenceNumber() {}

  /** How far {@code to} lies after {@code from}, in bytes; negative if it lies before. */
  public static int distance(int from, int to) {
    return to - from;
  }

  /** Whether {@code a} comes before {@code b}. */
  public static boolean isBefore(int a, int b) {
    return b - a > 0;
  }

  /** The later of two. */
  public static int later(int a, int b) {
    return isBefore(a, b) ? b : a;
  }

  /** The number as it is written: unsigned. */
  public static String toString(int number) {
    return Integer.toUnsignedString(number);
  }
}
