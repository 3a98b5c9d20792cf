package org.holdfast.lab.report;

import java.util.List;
import org.holdfast.lab.workload.ConnectionVerdict;

/** What the demonstration prints before its last line. */
public final class TerminalReport {
  private static final int COMPLAINTS = 6;

  private TerminalReport() {}

  /** The comparison, and what the clients of each trial complain of. */
  public static String of(DemoResult result) {
    StringBuilder text = new StringBuilder(Comparison.text(result));
    for (Trial trial : result.trials()) {
      if (!trial.problem().isEmpty()) {
        text.append('\n').append(trial.title()).append(", ").append(trial.tool().words());
        text.append(" failed:\n").append(trial.problem().indent(2));
      }
      List<ConnectionVerdict> complaints = trial.verdict().complaints();
      if (!complaints.isEmpty()) {
        text.append('\n').append(trial.title()).append(", ").append(trial.tool().words());
        text.append(":\n");
        complaints.stream().limit(COMPLAINTS).forEach(complaint -> line(text, complaint));
        if (complaints.size() > COMPLAINTS) {
          text.append("  and ").append(complaints.size() - COMPLAINTS).append(" more\n");
        }
      }
    }
    lines(text, "The load itself failed", result.holdfastRun().failures());
    lines(text, "Applications in the guest logged", result.holdfastRun().guestErrors());
    return text.toString();
  }

  private static void line(StringBuilder text, ConnectionVerdict complaint) {
    text.append("  ").append(complaint.name()).append(": ");
    text.append(Complaints.words(complaint)).append('\n');
  }

  private static void lines(StringBuilder text, String heading, List<String> lines) {
    if (!lines.isEmpty()) {
      text.append('\n').append(heading).append(":\n");
      lines.forEach(line -> text.append("  ").append(line).append('\n'));
    }
  }
}
