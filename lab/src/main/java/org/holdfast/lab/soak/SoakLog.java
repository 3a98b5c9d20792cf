package org.holdfast.lab.soak;

import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What a soak tells as it goes on: a line each, with the time as the daemons' logs have it. */
final class SoakLog {
  private final PrintStream out;

  SoakLog(PrintStream out) {
    this.out = out;
  }

  void say(String format, Object... values) {
    line(format.formatted(values));
  }

  /** Something that is not as it must be. */
  void complain(String words) {
    line("!! " + words);
  }

  private void line(String words) {
    out.println(Instant.now().truncatedTo(ChronoUnit.MILLIS) + "  " + words);
    out.flush();
  }
}
