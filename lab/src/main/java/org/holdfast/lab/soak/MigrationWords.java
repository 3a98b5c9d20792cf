package org.holdfast.lab.soak;

import java.util.Optional;
import org.holdfast.lab.fault.StruckMigration;
import org.holdfast.lab.fault.StruckMigration.Strike;
import org.holdfast.proto.v1.MigrationReport;

/** The progress line of one migration. */
final class MigrationWords {
  private MigrationWords() {}

  static String of(StruckMigration.Outcome outcome, Optional<Strike> strike) {
    StringBuilder words = new StringBuilder();
    words.append(outcome.source().name()).append(" to ").append(outcome.target().name());
    strike.ifPresent(struck -> words.append(", ").append(of(struck, outcome.struck())));
    words.append(outcome.moved() ? ": moved" : ": rolled back");
    outcome.report().ifPresent(report -> words.append(of(report)));
    if (!outcome.said().succeeded()) {
      words.append("; the command said: ").append(outcome.words());
    }
    return words.toString();
  }

  private static String of(Strike strike, boolean struck) {
    return struck
        ? "%s after %d ms".formatted(strike.fault(), strike.delay().toMillis())
        : strike.fault() + " missed its moment and waits for another migration";
  }

  private static String of(MigrationReport report) {
    if (report.getConnectionsKeptByPlainMigration()) {
      return ", by plain migration";
    }
    return ", blackouts %d + %d ms, %d connections"
        .formatted(
            report.getBlackoutTakeoverMicros() / 1000,
            report.getBlackoutGiveBackMicros() / 1000,
            report.getLedgerCount());
  }
}
