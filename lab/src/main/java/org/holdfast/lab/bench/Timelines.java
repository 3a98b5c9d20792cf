package org.holdfast.lab.bench;

import java.io.PrintStream;
import java.util.List;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.proto.v1.TimelineEntry;

/** What a report says of when things were done. */
final class Timelines {
  private Timelines() {}

  /** Prints every step with its begin and its length. */
  static void print(PrintStream out, MigrationReport report) {
    for (TimelineEntry step : report.getTimelineList()) {
      out.printf(
          "  %9.1f %+9.1f ms  %s%n",
          step.getStartMicros() / 1000.0,
          step.getDurationMicros() / 1000.0,
          step.getHost() + " " + step.getName());
    }
  }

  /** How long the last step of this name took, milliseconds; -1 if there was none. */
  static long millis(MigrationReport report, String name) {
    List<TimelineEntry> steps =
        report.getTimelineList().stream().filter(step -> step.getName().equals(name)).toList();
    return steps.isEmpty() ? -1 : steps.get(steps.size() - 1).getDurationMicros() / 1000;
  }
}
