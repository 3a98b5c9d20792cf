package org.holdfast.lab.report;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.proto.v1.TimelineEntry;

/**
 * What {@code holdfast --json} printed after an operation.
 *
 * @param verb migrate, suspend or resume
 * @param begin when the operation began, by the daemon's clock
 * @param report the ledger and the timeline
 */
public record OperationReport(String verb, Instant begin, MigrationReport report) {
  /**
   * Reads the JSON.
   *
   * @throws IllegalArgumentException if it is not a report
   */
  public static OperationReport parse(String verb, Instant begin, String json) {
    MigrationReport.Builder report = MigrationReport.newBuilder();
    try {
      JsonFormat.parser().ignoringUnknownFields().merge(json, report);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("holdfast " + verb + " printed no report: " + json, e);
    }
    return new OperationReport(verb, begin, report.build());
  }

  /** When a step of the timeline began. */
  Instant start(TimelineEntry step) {
    return begin.plus(step.getStartMicros(), ChronoUnit.MICROS);
  }

  /** When a step of the timeline ended. */
  Instant end(TimelineEntry step) {
    return start(step).plus(step.getDurationMicros(), ChronoUnit.MICROS);
  }

  /** When the last step ended. */
  Instant end() {
    return report.getTimelineList().stream().map(this::end).max(Instant::compareTo).orElse(begin);
  }

  /** Both blackouts that took place, in words and with their length. */
  List<Blackout> blackouts() {
    return List.of(
            new Blackout("take over", micros(report.getBlackoutTakeoverMicros())),
            new Blackout("give back", micros(report.getBlackoutGiveBackMicros())))
        .stream()
        .filter(blackout -> !blackout.length().isZero())
        .toList();
  }

  private static Duration micros(long count) {
    return Duration.of(count, ChronoUnit.MICROS);
  }

  /**
   * A time in which nobody answered for the VM's address.
   *
   * @param verb take over or give back
   * @param length as the product reports it
   */
  record Blackout(String verb, Duration length) {}
}
