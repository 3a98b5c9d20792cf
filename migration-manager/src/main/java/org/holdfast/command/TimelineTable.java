package org.holdfast.command;

import static org.holdfast.command.TextTable.Column.left;
import static org.holdfast.command.TextTable.Column.right;

import java.util.Comparator;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.proto.v1.TimelineEntry;

/** The timeline as text: each phase where it lies in the whole, then what the peers felt. */
final class TimelineTable {
  private static final int BAR = 32; // characters

  private TimelineTable() {}

  static String render(MigrationReport report) {
    StringBuilder text = new StringBuilder();
    if (report.getTimelineCount() > 0) {
      text.append(phases(report)).append('\n');
    }
    measure(
        text, "Blackout at take over", report.getBlackoutTakeoverMicros(), "fence to open, source");
    measure(
        text,
        "Blackout at give back",
        report.getBlackoutGiveBackMicros(),
        "holder's port closed to domain's port open");
    measure(
        text,
        "QEMU's own downtime",
        report.getDowntimeMillis() * 1000,
        "domain stopped, connections held meanwhile");
    if (report.getConnectionsKeptByPlainMigration()) {
      text.append(
          "The domain was faster than the take over: it moved with its own sockets, as in a plain"
              + " migration.\n");
    }
    if (!report.getNote().isEmpty()) {
      text.append(report.getNote()).append('\n');
    }
    return text.toString();
  }

  private static String phases(MigrationReport report) {
    long end =
        report.getTimelineList().stream()
            .mapToLong(entry -> entry.getStartMicros() + entry.getDurationMicros())
            .max()
            .orElse(0);
    TextTable table =
        new TextTable(left("Phase"), left("Host"), right("Start"), right("Duration"), left(""));
    report.getTimelineList().stream()
        .sorted(Comparator.comparingLong(TimelineEntry::getStartMicros))
        .forEach(
            entry ->
                table.row(
                    entry.getName(),
                    entry.getHost(),
                    Words.milliseconds(entry.getStartMicros()),
                    Words.milliseconds(entry.getDurationMicros()),
                    bar(entry, end)));
    return table.render();
  }

  /** Where the phase lies between start and end of all; the shortest still shows. */
  static String bar(TimelineEntry entry, long end) {
    double scale = (double) BAR / Math.max(end, 1);
    int from = (int) Math.min(BAR - 1, Math.floor(entry.getStartMicros() * scale));
    int until = (int) Math.ceil((entry.getStartMicros() + entry.getDurationMicros()) * scale);
    int length = Math.min(BAR, Math.max(until, from + 1)) - from;
    return "|" + " ".repeat(from) + "=".repeat(length) + " ".repeat(BAR - from - length) + "|";
  }

  private static void measure(StringBuilder text, String name, long micros, String meaning) {
    if (micros > 0) {
      text.append(
          String.format(
              java.util.Locale.ROOT,
              "%-22s %12s  (%s)%n",
              name,
              Words.milliseconds(micros),
              meaning));
    }
  }
}
