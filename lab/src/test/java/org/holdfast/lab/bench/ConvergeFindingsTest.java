package org.holdfast.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.holdfast.lab.bench.ConvergeRun.Way;
import org.holdfast.lab.report.LineChart;
import org.junit.jupiter.api.Test;

/** The figures and charts of a migration say of which store and which way they are. */
class ConvergeFindingsTest {
  private static final int MEBIBYTE = 1 << 20;

  /** 8 MiB/s for the 10 s before the migration, then half of it. */
  private static final Throughput PEERS =
      Throughput.of(
          "0.000 0\n10.000 %d\n210.000 %d\n".formatted(80 * MEBIBYTE, 880L * MEBIBYTE),
          Instant.ofEpochSecond(10));

  private static BenchResult result() {
    ConvergeFindings findings = new ConvergeFindings(24);
    findings.add(
        Store.RING, List.of(run(Way.HOLDFAST, true, 12_500), run(Way.PLAIN, false, 120_000)));
    findings.add(Store.REDIS, List.of(run(Way.AUTO_CONVERGE, true, 60_000)));
    return findings.result();
  }

  private static ConvergeRun run(Way way, boolean completed, long millis) {
    return new ConvergeRun(
        way, completed, Duration.ofMillis(millis), 300L * MEBIBYTE + 1, 4, PEERS);
  }

  @Test
  void figuresAreOfAStoreAndAWay() {
    assertThat(result().line("converge"))
        .isEqualTo(
            "BENCH converge bandwidth_mib_s=24 connections=4"
                + " ring_holdfast_complete=1 ring_holdfast_ms=12500 ring_holdfast_sent_mib=300"
                + " ring_holdfast_alive=4 ring_holdfast_before_kib_s=8192"
                + " ring_holdfast_during_kib_s=4096"
                + " ring_plain_complete=0 ring_plain_ms=120000 ring_plain_sent_mib=300"
                + " ring_plain_alive=4 ring_plain_before_kib_s=8192 ring_plain_during_kib_s=4096"
                + " redis_auto_converge_complete=1 redis_auto_converge_ms=60000"
                + " redis_auto_converge_sent_mib=300 redis_auto_converge_alive=4"
                + " redis_auto_converge_before_kib_s=8192 redis_auto_converge_during_kib_s=4096");
  }

  @Test
  void eachStoreHasItsThroughputDrawnFromBeforeTheMigrationUntilAfterIt() {
    List<LineChart> drawn =
        result().charts().stream()
            .filter(LineChart.class::isInstance)
            .map(LineChart.class::cast)
            .toList();

    assertThat(drawn)
        .extracting(LineChart::title)
        .containsExactly(
            "Streams into a ring of memory: peers' throughput",
            "Streams into Redis: peers' throughput");
    LineChart.Line ours = drawn.get(0).lines().get(0);
    assertThat(ours.label()).isEqualTo("holdfast, 12.5 s");
    assertThat(ours.ours()).isTrue();
    assertThat(ours.points()).hasSize(5 + 12 + 3);
    assertThat(ours.points().get(0)).isEqualTo(new LineChart.Point(-4.5, 8));
    assertThat(ours.points().get(19)).isEqualTo(new LineChart.Point(15, 4));
    LineChart.Line plain = drawn.get(0).lines().get(1);
    assertThat(plain.label()).isEqualTo("plain (given up), 120.0 s");
    assertThat(plain.ours()).isFalse();
  }

  @Test
  void wordsTellBothMedians() {
    assertThat(run(Way.POSTCOPY, true, 12_500).words())
        .isEqualTo(
            "postcopy: complete after 12.5 s, 300 MiB sent, 4 of 4 connections alive and right;"
                + " peers sent 8.0 MiB/s before and 4.0 MiB/s meanwhile (medians)");
  }
}
