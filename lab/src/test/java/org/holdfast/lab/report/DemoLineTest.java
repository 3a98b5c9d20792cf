package org.holdfast.lab.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class DemoLineTest {
  @Test
  void saysWhatWasKept() {
    DemoResult result = Sample.held();

    assertThat(result.held()).isTrue();
    assertThat(DemoLine.of(result, Path.of("/tmp/demo-report.html")))
        .isEqualTo(
            "DEMO kept=58 of=58 corrupted=0 migrations=2 stall_ms=118 plain_stall_ms=260 away_s=30"
                + " away_kept=58 of=58 plain_away_kept=33 report=/tmp/demo-report.html");
  }

  @Test
  void aBrokenStreamIsNotKeptAndTheDemonstrationHasFailed() {
    DemoResult result = Sample.broken();

    assertThat(result.held()).isFalse();
    assertThat(DemoLine.of(result, Path.of("r")))
        .startsWith("DEMO kept=57 of=58 corrupted=1 migrations=2 ")
        .contains(" away_kept=57 of=57 ");
  }

  @Test
  void aConnectionThatWasNeverThereIsMissed() {
    DemoResult sample = Sample.held();
    DemoResult more =
        new DemoResult(
            sample.finished(),
            sample.away(),
            sample.expected() + 1,
            sample.trials(),
            sample.holdfastRun(),
            sample.plainRun(),
            sample.environment());

    assertThat(more.held()).isFalse();
  }

  /** A VM that moves with its own sockets may keep its connections, but Holdfast did nothing. */
  @Test
  void whatSurvivedWithoutATakeoverIsNotHoldfasts() {
    DemoResult sample = Sample.held();
    Trial first = sample.trials().get(0);
    OperationReport report = first.operations().get(0);
    OperationReport missed =
        new OperationReport(
            report.verb(), report.begin(), report.report().toBuilder().clearLedger().build());
    DemoResult result =
        with(
            sample,
            new Trial(
                first.title(),
                first.act(),
                first.tool(),
                first.verdict(),
                List.of(missed),
                first.problem()));

    assertThat(result.held()).isFalse();
  }

  @Test
  void aMigrationThatFailedDoesNotCount() {
    DemoResult sample = Sample.held();
    Trial first = sample.trials().get(0);
    Trial failed =
        new Trial(
            first.title(),
            first.act(),
            first.tool(),
            first.verdict(),
            first.operations(),
            "error: the target is unreachable");
    DemoResult result = with(sample, failed);

    assertThat(result.held()).isFalse();
    assertThat(DemoLine.of(result, Path.of("r"))).contains(" migrations=1 ");
    assertThat(TerminalReport.of(result)).contains("error: the target is unreachable");
  }

  /** The same with another first trial. */
  private static DemoResult with(DemoResult sample, Trial first) {
    return new DemoResult(
        sample.finished(),
        sample.away(),
        sample.expected(),
        Stream.concat(Stream.of(first), sample.trials().stream().skip(1)).toList(),
        sample.holdfastRun(),
        sample.plainRun(),
        sample.environment());
  }
}
