package org.holdfast.lab.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.LabException;
import org.holdfast.lab.Product;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.report.BarChart;
import org.holdfast.lab.workload.LoadOptions;
import org.holdfast.lab.workload.LoadRun;
import org.holdfast.lab.workload.LoadVerdict;
import org.holdfast.proto.v1.MigrationReport;

/**
 * The longest silence that peers see while a VM migrates, against plain {@code virsh migrate} of
 * the same VM under the same load: one migration with Holdfast, then one without, in turn.
 */
final class StallBench {
  private final Lab lab;
  private final LoadOptions load;
  private final int migrations;
  private final boolean timelines;
  private final PrintStream out;

  private final Distribution takeover = new Distribution();
  private final Distribution giveBack = new Distribution();
  private final Distribution downtime = new Distribution();
  private final List<String> ours = new ArrayList<>();
  private final List<String> plain = new ArrayList<>();

  /**
   * Prepares it.
   *
   * @param lab where; a VM of its own is started there
   * @param load of the peers
   * @param migrations how many with Holdfast, and as many without
   * @param timelines whether each migration's timeline is printed
   * @param out where the progress and the result go
   */
  StallBench(Lab lab, LoadOptions load, int migrations, boolean timelines, PrintStream out) {
    this.lab = lab;
    this.load = load;
    this.migrations = migrations;
    this.timelines = timelines;
    this.out = out;
  }

  /**
   * Runs it.
   *
   * @return what it found, milliseconds
   */
  BenchResult run() throws Exception {
    VirtualMachine vm = lab.startVm(VmOptions.named("bench")).awaitReady();
    try (LoadRun run = LoadRun.start(lab, vm, load)) {
      for (int number = 1; number <= migrations; number++) {
        String name = "holdfast " + number;
        MigrationReport report = run.phase(name, () -> Product.migrate(lab, vm));
        ours.add(name);
        note(name, report);
        String rival = "plain " + number;
        run.phase(rival, () -> migratePlainly(vm));
        plain.add(rival);
      }
      return figures(run.stop());
    } finally {
      vm.destroy();
    }
  }

  private boolean migratePlainly(VirtualMachine vm) {
    KvmHost source = vm.host();
    String target = Product.other(lab, source).libvirtUri();
    source.virsh("migrate", "--live", vm.name(), target).orThrow();
    return true;
  }

  private void note(String name, MigrationReport report) {
    if (report.getConnectionsKeptByPlainMigration() || !Product.notKept(report).isEmpty()) {
      throw new LabException(name + " did not keep its connections by itself: " + report.getNote());
    }
    takeover.add(report.getBlackoutTakeoverMicros() / 1000);
    giveBack.add(report.getBlackoutGiveBackMicros() / 1000);
    downtime.add(report.getDowntimeMillis());
    out.printf(
        "%s: blackouts %d + %d ms, QEMU's downtime %d ms, %d connections%n",
        name,
        report.getBlackoutTakeoverMicros() / 1000,
        report.getBlackoutGiveBackMicros() / 1000,
        report.getDowntimeMillis(),
        report.getLedgerCount());
    if (timelines) {
      Timelines.print(out, report);
    }
  }

  private BenchResult figures(LoadVerdict verdict) {
    if (verdict.corrupted() > 0) {
      throw new LabException(verdict.corrupted() + " findings of wrong bytes");
    }
    Distribution oursStall = new Distribution();
    ours.forEach(name -> oursStall.add(verdict.phase(name).stall().toMillis()));
    Distribution plainStall = new Distribution();
    plain.forEach(name -> plainStall.add(verdict.phase(name).stall().toMillis()));
    Map<String, Long> figures = new LinkedHashMap<>();
    figures.put("connections", (long) load.connections());
    figures.put("migrations", (long) migrations);
    figures.put("stall_p50_ms", oursStall.quantile(0.5));
    figures.put("stall_p99_ms", oursStall.quantile(0.99));
    figures.put("plain_stall_p50_ms", plainStall.quantile(0.5));
    figures.put("plain_stall_p99_ms", plainStall.quantile(0.99));
    figures.put("takeover_p50_ms", takeover.quantile(0.5));
    figures.put("takeover_max_ms", takeover.quantile(1));
    figures.put("give_back_p50_ms", giveBack.quantile(0.5));
    figures.put("give_back_max_ms", giveBack.quantile(1));
    figures.put("downtime_p50_ms", downtime.quantile(0.5));
    return new BenchResult(figures, List.of(chart(oursStall, plainStall)));
  }

  private BarChart chart(Distribution oursStall, Distribution plainStall) {
    return new BarChart.Builder("The longest silence of the echo probe", "milliseconds")
        .ours("Holdfast, median", oursStall.quantile(0.5))
        .rival("plain, median", plainStall.quantile(0.5))
        .ours("Holdfast, 99 %", oursStall.quantile(0.99))
        .rival("plain, 99 %", plainStall.quantile(0.99))
        .ours("blackout of the takeover, median", takeover.quantile(0.5))
        .ours("blackout of the give-back, median", giveBack.quantile(0.5))
        .build();
  }
}
