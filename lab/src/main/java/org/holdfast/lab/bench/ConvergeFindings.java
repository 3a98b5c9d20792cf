package org.holdfast.lab.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.lab.report.BarChart;
import org.holdfast.lab.report.Chart;
import org.holdfast.lab.report.LineChart;

/** What {@link ConvergeBench} finds, as figures and as charts. */
final class ConvergeFindings {
  private final Map<String, Long> figures = new LinkedHashMap<>();
  private final List<Chart> charts = new ArrayList<>();

  /**
   * Nothing yet.
   *
   * @param bandwidth of the migrations, MiB/s
   */
  ConvergeFindings(int bandwidth) {
    figures.put("bandwidth_mib_s", (long) bandwidth);
    figures.put("connections", (long) StorePeers.CONNECTIONS);
  }

  /** Takes down the migrations of a guest with one store, each in another way. */
  void add(Store store, List<ConvergeRun> runs) {
    BarChart.Builder took = new BarChart.Builder(title(store, "time to complete"), "seconds");
    BarChart.Builder sent = new BarChart.Builder(title(store, "sent"), "MiB");
    for (ConvergeRun run : runs) {
      String prefix = store.key() + "_" + run.way().key();
      figures.put(prefix + "_complete", run.completed() ? 1L : 0L);
      figures.put(prefix + "_ms", run.took().toMillis());
      figures.put(prefix + "_sent_mib", run.mebibytesSent());
      figures.put(prefix + "_alive", run.alive());
      figures.put(prefix + "_before_kib_s", run.before());
      figures.put(prefix + "_during_kib_s", run.during());
      took.add(run.label(), run.ours(), run.seconds());
      sent.add(run.label(), run.ours(), (double) run.mebibytesSent());
    }
    charts.addAll(List.of(took.build(), sent.build(), throughput(store, runs)));
  }

  private static LineChart throughput(Store store, List<ConvergeRun> runs) {
    return new LineChart(
        title(store, "peers' throughput"),
        "MiB/s",
        "seconds since the migration began",
        runs.stream().map(ConvergeRun::line).toList());
  }

  private static String title(Store store, String what) {
    return "Streams into " + store.words() + ": " + what;
  }

  BenchResult result() {
    return new BenchResult(figures, charts);
  }
}
