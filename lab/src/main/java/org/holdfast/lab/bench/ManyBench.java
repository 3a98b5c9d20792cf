package org.holdfast.lab.bench;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.LabException;
import org.holdfast.lab.Product;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.fault.Daemons;
import org.holdfast.lab.report.BarChart;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.proto.v1.Outcome;

/**
 * Very many connections of one VM, nearly all of them idle: how many live through a migration and
 * through a suspension, how long nobody answers them, and what each takes of its host while it is
 * held.
 */
final class ManyBench {
  private static final int GUEST_MEBIBYTES = 1024;

  /**
   * A process may have 20,000 descriptors on the lab's machine, and the daemon has one for each
   * connection beside its own.
   */
  static final int MOST = 19_000;

  private final Lab lab;
  private final int connections;
  private final PrintStream out;
  private final Map<String, Long> figures = new LinkedHashMap<>();
  private final BarChart.Builder blackouts = new BarChart.Builder("Blackouts", "milliseconds");
  private final BarChart.Builder memory =
      new BarChart.Builder("Memory of the host for each held connection", "bytes");

  /**
   * Prepares it.
   *
   * @param lab where; a VM of its own is started there
   * @param connections how many, up to {@link #MOST}
   * @param out where the progress goes
   */
  ManyBench(Lab lab, int connections, PrintStream out) {
    this.lab = lab;
    this.connections = connections;
    this.out = out;
  }

  /**
   * Runs it.
   *
   * @return what it found
   * @throws LabException if not all connections stand in the beginning, or they are not taken over
   */
  BenchResult run() {
    lab.hosts().forEach(Daemons::awaitRehearsed);
    VirtualMachine vm =
        lab.startVm(VmOptions.named("many").withMemory(GUEST_MEBIBYTES)).awaitReady();
    figures.put("connections", (long) connections);
    try (ManyPeers peers = ManyPeers.connect(lab, vm, connections)) {
      if (exchange(peers, "in the beginning").kept() < connections) {
        throw new LabException("not all connections stand before anything has happened to them");
      }
      HostMemory unused = HostMemory.of(Product.other(lab, vm.host()));
      migrate(peers, vm);
      suspendAndResume(peers, vm, unused);
      return new BenchResult(figures, List.of(blackouts.build(), memory.build()));
    } finally {
      vm.destroy();
    }
  }

  private ManyPeers.Round exchange(ManyPeers peers, String when) {
    ManyPeers.Round round = peers.exchange();
    out.printf(
        "%s: %d of %d connections alive and exact; %d with wrong bytes; not kept: %s%n",
        when, round.kept(), connections, round.wrong(), round.problems());
    return round;
  }

  private void migrate(ManyPeers peers, VirtualMachine vm) {
    MigrationReport report = Product.migrate(lab, vm);
    tell("migrate", report);
    ManyPeers.Round round = exchange(peers, "after the migration");
    out.printf("the longest exchange meanwhile: %d ms%n", round.longestMs());
    if (count(report, Outcome.OUTCOME_KEPT) < connections) {
      throw new LabException("not all connections were taken over: " + report.getNote());
    }
    figures.put("kept_migrate", (long) round.kept());
    figures.put("wrong_migrate", (long) round.wrong());
    figures.put("takeover_ms", takeover(report));
    figures.put("export_ms", Timelines.millis(report, "export and recreate"));
    figures.put("give_back_ms", giveBack(report));
    figures.put("conform_ms", Timelines.millis(report, "conform"));
    figures.put("longest_exchange_ms", round.longestMs());
    blackouts.ours("migrate, takeover", takeover(report));
    blackouts.ours("migrate, give-back", giveBack(report));
  }

  /**
   * @param unused the memory of the host on which this happens, before the VM came to it
   */
  private void suspendAndResume(ManyPeers peers, VirtualMachine vm, HostMemory unused) {
    KvmHost host = vm.host();
    HostMemory before = HostMemory.of(host);
    MigrationReport away = Product.suspend(host, vm.name());
    tell("suspend", away);
    HostMemory held = HostMemory.of(host);
    out.println("before the migration: " + unused.words());
    out.println("before the suspend:   " + before.words());
    out.println("while it is held:     " + held.words());
    MigrationReport back = Product.resume(host, vm.name());
    tell("resume", back);
    ManyPeers.Round round = exchange(peers, "after the resume");
    figures.put("kept_resume", (long) round.kept());
    figures.put("wrong_resume", (long) round.wrong());
    figures.put("suspend_takeover_ms", takeover(away));
    figures.put("resume_give_back_ms", giveBack(back));
    blackouts.ours("suspend, takeover", takeover(away));
    blackouts.ours("resume, give-back", giveBack(back));
    compare(unused, before, held, count(away, Outcome.OUTCOME_HELD));
  }

  private static long takeover(MigrationReport report) {
    return report.getBlackoutTakeoverMicros() / 1000;
  }

  private static long giveBack(MigrationReport report) {
    return report.getBlackoutGiveBackMicros() / 1000;
  }

  private static long count(MigrationReport report, Outcome outcome) {
    return report.getLedgerList().stream()
        .map(LedgerEntry::getOutcome)
        .filter(outcome::equals)
        .count();
  }

  private void tell(String verb, MigrationReport report) {
    Map<String, Long> outcomes =
        report.getLedgerList().stream()
            .collect(Collectors.groupingBy(ManyBench::outcome, Collectors.counting()));
    out.printf("%s: %s; its steps:%n", verb, outcomes);
    Timelines.print(out, report);
  }

  private static String outcome(LedgerEntry entry) {
    return entry.getReason() == UnmanagedReason.UNMANAGED_REASON_UNSPECIFIED
        ? entry.getOutcome().name()
        : entry.getOutcome() + " " + entry.getReason();
  }

  /**
   * The daemon's heap keeps what the migration has left empty in it, and the suspension fills that
   * first: so its growth counts from before it had seen any of these connections. The kernel's
   * counts from just before the suspension, for all of the machine has a share in it.
   */
  private void compare(HostMemory unused, HostMemory before, HostMemory held, long count) {
    if (count == 0) {
      throw new LabException("no connection was held");
    }
    long daemon = held.daemon() - unused.daemon();
    long keeper = held.keepers() - before.keepers();
    long slab = held.slab() - before.slab();
    long shared = held.shared() - before.shared();
    figures.put("held", count);
    note("all of it", "host", daemon + keeper + slab + shared, count);
    note("holdfastd", "daemon", daemon, count);
    note("its keeper", "keeper", keeper, count);
    note("the kernel's slab", "slab", slab, count);
    note("files in memory", "shared", shared, count);
    note("no longer available", "unavailable", before.available() - held.available(), count);
  }

  private void note(String what, String figure, long kibibytes, long count) {
    long each = kibibytes * 1024 / count;
    out.printf("%s: %d KiB more, %d bytes for each of %d held%n", what, kibibytes, each, count);
    figures.put(figure + "_bytes_per_connection", each);
    memory.ours(what, Math.max(0, each));
  }
}
