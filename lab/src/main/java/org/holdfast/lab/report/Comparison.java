package org.holdfast.lab.report;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.holdfast.lab.workload.ClientKind;
import org.holdfast.lab.workload.PhaseVerdict;

/** Every trial beside the others, as rows of words: for the terminal and for the page. */
final class Comparison {
  static final List<String> HEADINGS =
      List.of(
          "Trial",
          "Tool",
          "Kept",
          "Lost",
          "Verified",
          "Corrupt",
          "Stall",
          "Longest silence",
          "Blackouts");
  private static final String NOTHING = "-";

  private Comparison() {}

  /** One row a trial; cells in the order of {@link #HEADINGS}. */
  static List<List<String>> rows(DemoResult result) {
    return result.trials().stream().map(Comparison::row).toList();
  }

  private static List<String> row(Trial trial) {
    PhaseVerdict verdict = trial.verdict();
    Duration silence = verdict.longestSilence(any -> any.kind() != ClientKind.HTTP_DOWNLOAD);
    String blackouts =
        trial.operations().stream()
            .flatMap(operation -> operation.blackouts().stream())
            .map(blackout -> Figures.duration(blackout.length()))
            .collect(Collectors.joining(", "));
    return List.of(
        trial.title(),
        trial.tool().words(),
        verdict.kept() + " of " + verdict.of(),
        Integer.toString(verdict.lost()),
        Figures.bytes(verdict.bytesVerified()),
        Integer.toString(verdict.corrupted()),
        Figures.duration(verdict.stall()),
        Figures.duration(silence),
        blackouts.isEmpty() ? NOTHING : blackouts);
  }

  /** The table for a terminal, lines ended by line feeds. */
  static String text(DemoResult result) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(HEADINGS);
    lines.addAll(rows(result));
    int[] widths = new int[HEADINGS.size()];
    for (List<String> line : lines) {
      for (int column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], line.get(column).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder row = new StringBuilder();
      for (int column = 0; column < widths.length; column++) {
        row.append(String.format("%-" + (widths[column] + 2) + "s", line.get(column)));
      }
      text.append(row.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
