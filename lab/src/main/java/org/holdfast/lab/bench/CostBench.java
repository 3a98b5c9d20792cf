package org.holdfast.lab.bench;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.holdfast.lab.report.BarChart;

/**
 * What a connection costs on the host to be exported, recreated and conformed, against the same
 * system calls in plain C, in turn. The copies are made in a network namespace of their own; the
 * connections are those of another process.
 */
final class CostBench {
  private static final int WARM_UP_CONNECTIONS = 500;
  private static final int WARM_UP_ROUNDS = 20;

  /** Few connections take too little time to be measured once. */
  private static final int LEAST_MEASURED = 3000;

  private static final int FEWEST_ROUNDS = 4;

  /** Each leaves something behind that the application never reads. */
  private static final int MOST_ROUNDS = 100;

  private static final int TURNS = 2;
  private static final long PERCENT = 100;

  private final List<Integer> counts;
  private final PrintStream out;
  private final BarChart.Builder chart =
      new BarChart.Builder("Time for each connection", "microseconds");

  /**
   * @param counts of connections, each measured by itself
   */
  CostBench(List<Integer> counts, PrintStream out) {
    this.counts = counts;
    this.out = out;
  }

  /** Nanoseconds that all connections of a round took. */
  record Cost(long exported, long recreated, long conformed) {
    long untilHeld() {
      return exported + recreated;
    }
  }

  BenchResult run() throws Exception {
    Map<String, Long> figures = new LinkedHashMap<>();
    try (CostSite site = new CostSite()) {
      site.holdfast(WARM_UP_CONNECTIONS, WARM_UP_ROUNDS);
      out.println("microseconds for each connection: Holdfast, plain C, ratio");
      for (int count : counts) {
        measure(site, count, figures);
      }
    }
    return new BenchResult(figures, List.of(chart.build()));
  }

  private void measure(CostSite site, int count, Map<String, Long> figures) throws Exception {
    int rounds = Math.min(MOST_ROUNDS, Math.max(FEWEST_ROUNDS, LEAST_MEASURED / count));
    Costs plain = new Costs();
    Costs holdfast = new Costs();
    for (int turn = 0; turn < TURNS; turn++) {
      plain.add(site.plain(count, rounds));
      holdfast.add(site.holdfast(count, rounds));
    }
    out.printf("%d connections%n", count);
    compare("export", count, holdfast.exported, plain.exported, figures);
    compare("recreate", count, holdfast.recreated, plain.recreated, figures);
    compare("conform", count, holdfast.conformed, plain.conformed, figures);
    figures.put("held_" + count + "_us", holdfast.untilHeld.quantile(0.5) / 1000);
  }

  private void compare(
      String step,
      int count,
      Distribution holdfast,
      Distribution plain,
      Map<String, Long> figures) {
    double ours = holdfast.quantile(0.5) / 1000.0 / count;
    double theirs = plain.quantile(0.5) / 1000.0 / count;
    out.printf("  %-9s %7.1f %7.1f %7.2f%n", step, ours, theirs, ours / theirs);
    figures.put(step + "_" + count + "_percent_of_c", Math.round(ours / theirs * PERCENT));
    chart.ours("%s, %d, Holdfast".formatted(step, count), ours);
    chart.rival("plain C", theirs);
  }

  private static final class Costs {
    private final Distribution exported = new Distribution();
    private final Distribution recreated = new Distribution();
    private final Distribution conformed = new Distribution();
    private final Distribution untilHeld = new Distribution();

    void add(List<Cost> costs) {
      add(exported, costs, Cost::exported);
      add(recreated, costs, Cost::recreated);
      add(conformed, costs, Cost::conformed);
      add(untilHeld, costs, Cost::untilHeld);
    }

    private static void add(Distribution to, List<Cost> costs, ToLongFunction<Cost> figure) {
      costs.forEach(cost -> to.add(figure.applyAsLong(cost)));
    }
  }
}
