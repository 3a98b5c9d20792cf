package org.holdfast.lab.report;

import java.time.Duration;
import java.util.Locale;

/** Quantities as people read them. */
final class Figures {
  private Figures() {}

  static String duration(Duration time) {
    double millis = time.toNanos() / 1e6;
    if (millis >= 10_000) {
      return String.format(Locale.ROOT, "%.1f s", millis / 1000);
    }
    if (millis >= 1_000) {
      return String.format(Locale.ROOT, "%.2f s", millis / 1000);
    }
    return String.format(Locale.ROOT, millis < 10 ? "%.1f ms" : "%.0f ms", millis);
  }

  static String bytes(long count) {
    if (count >= 10_000_000) {
      return String.format(Locale.ROOT, "%.0f MB", count / 1e6);
    }
    if (count >= 1_000_000) {
      return String.format(Locale.ROOT, "%.1f MB", count / 1e6);
    }
    if (count >= 1_000) {
      return String.format(Locale.ROOT, "%.0f kB", count / 1e3);
    }
    return count + " B";
  }
}
