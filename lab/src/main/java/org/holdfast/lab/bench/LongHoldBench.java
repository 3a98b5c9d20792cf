package org.holdfast.lab.bench;

import com.google.gson.Gson;
import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.LabException;
import org.holdfast.lab.Product;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.workload.ConnectionVerdict;
import org.holdfast.lab.workload.LoadOptions;
import org.holdfast.lab.workload.LoadRun;
import org.holdfast.lab.workload.LoadVerdict;
import org.holdfast.lab.workload.PhaseVerdict;
import org.holdfast.proto.v1.MigrationReport;

/**
 * A VM that is suspended for longer than any kernel waits for an acknowledgement (924.6 s), while
 * its peers go on sending. All they send must be held, so host and guest are told beforehand that
 * they may: the daemon's bounds and the guest's net.ipv4.tcp_mem are raised to what is to come.
 */
final class LongHoldBench {
  /** The guest's kernel and its agent have everything once each, and some air. */
  private static final int GUEST_MEBIBYTES = 4096;

  private static final int BOUND_MEBIBYTES = 1280;

  /** The daemon takes no more than the guest's kernel lets its sockets have; in pages. */
  private static final int GUEST_SOCKET_PAGES = 2 * BOUND_MEBIBYTES * 256;

  private final Lab lab;
  private final LoadOptions load;
  private final Duration away;
  private final PrintStream out;

  /**
   * Prepares it.
   *
   * @param lab where; a VM of its own is started there, and its daemons get other bounds
   * @param connections how many streams, at least 3
   * @param away how long the VM is suspended
   * @param out where the progress goes
   */
  LongHoldBench(Lab lab, int connections, Duration away, PrintStream out) {
    this.lab = lab;
    this.load = LoadOptions.streamsOfEveryKind(connections);
    this.away = away;
    this.out = out;
  }

  /**
   * Runs it.
   *
   * @return what it found
   * @throws LabException if a connection is not kept, or a byte is wrong
   */
  BenchResult run() throws Exception {
    lab.playbook("site.yml", "-e", new Gson().toJson(bounds()));
    VirtualMachine vm =
        lab.startVm(VmOptions.named("long-hold").withMemory(GUEST_MEBIBYTES)).awaitReady();
    vm.exec("echo %1$d %1$d %1$d > /proc/sys/net/ipv4/tcp_mem".formatted(GUEST_SOCKET_PAGES))
        .orThrow();
    try (LoadRun run = LoadRun.start(lab, vm, load)) {
      MigrationReport report = run.phase("away", () -> sleepAndWake(vm.host(), vm.name(), run));
      return figures(report, run.stop());
    } finally {
      vm.destroy();
    }
  }

  private static Map<String, Object> bounds() {
    Map<String, String> holding =
        Map.of("receive_per_connection", "192 MiB", "receive_per_domain", BOUND_MEBIBYTES + " MiB");
    return Map.of("holdfast_host_configuration", Map.of("holding", holding));
  }

  private MigrationReport sleepAndWake(KvmHost host, String vm, LoadRun run) throws Exception {
    host.holdfast("suspend", vm).orThrow();
    long end = System.nanoTime() + away.toNanos();
    for (long minute = 1; System.nanoTime() < end; minute++) {
      Thread.sleep(Math.min(60_000, Math.max(1, (end - System.nanoTime()) / 1_000_000)));
      out.printf("minute %d: %d connections stand%n", minute, run.standing());
    }
    return Product.resume(host, vm);
  }

  private BenchResult figures(MigrationReport report, LoadVerdict verdict) {
    PhaseVerdict phase = verdict.phase("away");
    List<ConnectionVerdict> complaints = phase.complaints();
    List<String> notKept = Product.notKept(report);
    if (!complaints.isEmpty() || !notKept.isEmpty() || !verdict.failures().isEmpty()) {
      throw new LabException("not kept: " + complaints + notKept + verdict.failures());
    }
    if (verdict.corrupted() > 0 || !verdict.guestErrors().isEmpty()) {
      throw new LabException(
          verdict.corrupted() + " findings of wrong bytes; in the guest " + verdict.guestErrors());
    }
    long held =
        report.getLedgerList().stream().mapToLong(entry -> entry.getBytesAcknowledgedForVm()).sum();
    Map<String, Long> figures = new LinkedHashMap<>();
    figures.put("minutes", away.toMinutes());
    figures.put("connections", (long) phase.of());
    figures.put("kept", (long) phase.kept());
    figures.put("corrupted", (long) verdict.corrupted());
    figures.put("acknowledged_mib", held >> 20);
    figures.put("give_back_ms", report.getBlackoutGiveBackMicros() / 1000);
    return new BenchResult(figures, List.of());
  }
}
