package org.holdfast.lab.report;

import java.nio.file.Path;
import org.holdfast.lab.report.Trial.Act;
import org.holdfast.lab.report.Trial.Tool;

/** The demonstration's last line, for scripts. */
public final class DemoLine {
  private DemoLine() {}

  /**
   * Writes it.
   *
   * @param result what was found
   * @param report where the page lies
   */
  public static String of(DemoResult result, Path report) {
    return "DEMO kept=%d of=%d corrupted=%d migrations=%d stall_ms=%d plain_stall_ms=%d away_s=%d away_kept=%d of=%d plain_away_kept=%d report=%s"
        .formatted(
            result.kept(Act.MIGRATION, Tool.HOLDFAST),
            result.of(Act.MIGRATION, Tool.HOLDFAST),
            result.corrupted(),
            result.migrations(),
            result.stall(Act.MIGRATION, Tool.HOLDFAST).toMillis(),
            result.stall(Act.MIGRATION, Tool.PLAIN).toMillis(),
            result.away().toSeconds(),
            result.kept(Act.ABSENCE, Tool.HOLDFAST),
            result.of(Act.ABSENCE, Tool.HOLDFAST),
            result.kept(Act.ABSENCE, Tool.PLAIN),
            report);
  }
}
