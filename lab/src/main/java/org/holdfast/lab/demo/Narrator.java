package org.holdfast.lab.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** Says on standard error what the demonstration is about to do, with the time since its begin. */
final class Narrator {
  private final PrintStream out;
  private final long begin = System.nanoTime();

  Narrator(PrintStream out) {
    this.out = out;
  }

  void say(String format, Object... values) {
    double seconds = Duration.ofNanos(System.nanoTime() - begin).toMillis() / 1000.0;
    out.printf(Locale.ROOT, "[%5.1f s] %s%n", seconds, format.formatted(values));
    out.flush();
  }
}
