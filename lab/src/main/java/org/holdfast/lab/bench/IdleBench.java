package org.holdfast.lab.bench;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.Resources;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.fault.Daemons;
import org.holdfast.lab.fault.Guests;
import org.holdfast.lab.report.BarChart;

/**
 * What Holdfast costs a VM whose connections nobody takes over: throughput and latency of its
 * servers while agent and daemons run, and while all of them are stopped (SIGSTOP), in turn.
 */
final class IdleBench {
  private static final int FILE_MEBIBYTES = 64;
  private static final String PATH = "/holdfast-idle.bin";
  private static final int ROUND_TRIPS = 3000;
  private static final String CLIENT = "/run/holdfast-idle-client.py";

  private final Lab lab;
  private final int rounds;
  private final PrintStream out;

  /**
   * @param rounds how many with Holdfast, and as many without
   */
  IdleBench(Lab lab, int rounds, PrintStream out) {
    this.lab = lab;
    this.rounds = rounds;
    this.out = out;
  }

  BenchResult run() {
    VirtualMachine vm = lab.startVm(VmOptions.named("idle")).awaitReady();
    try {
      prepare(vm);
      Seen with = new Seen();
      Seen without = new Seen();
      measure(vm); // caches
      for (int round = 1; round <= rounds; round++) {
        with.add(measure(vm));
        try {
          signal(vm, "STOP");
          without.add(measure(vm));
        } finally {
          signal(vm, "CONT");
        }
      }
      return figures(with, without);
    } finally {
      vm.destroy();
    }
  }

  private void prepare(VirtualMachine vm) {
    lab.hosts().forEach(Daemons::awaitRehearsed);
    String file = "head -c %dM /dev/urandom > /srv/www%s".formatted(FILE_MEBIBYTES, PATH);
    vm.exec(file).orThrow();
    lab.peer().writeFile(CLIENT, Resources.text(IdleBench.class, "idle_client.py"));
  }

  /** Of all that Holdfast runs: the agent, and the daemon of each host. */
  private void signal(VirtualMachine vm, String signal) {
    Guests.signalAgent(vm, signal);
    for (KvmHost host : lab.hosts()) {
      host.bash("kill -%s $(cat /run/holdfastd.pid)".formatted(signal)).orThrow();
    }
  }

  private long[] measure(VirtualMachine vm) {
    String[] words = {"python3", CLIENT, vm.ipv4(), PATH, Integer.toString(ROUND_TRIPS)};
    String said = lab.peer().exec(words).orThrow().text();
    return Arrays.stream(said.split(" ")).mapToLong(Long::parseLong).toArray();
  }

  private BenchResult figures(Seen with, Seen without) {
    out.println("median (least to most)   with Holdfast   without");
    print("MiB/s downloaded", with.mebibytesPerSecond, without.mebibytesPerSecond);
    print("round trip, us", with.roundTrip, without.roundTrip);
    print("99 of 100, us", with.longRoundTrip, without.longRoundTrip);
    Map<String, Long> figures = new LinkedHashMap<>();
    figures.put("rounds", (long) rounds);
    figures.put("mib_per_s", with.mebibytesPerSecond.quantile(0.5));
    figures.put("without_mib_per_s", without.mebibytesPerSecond.quantile(0.5));
    figures.put("round_trip_p50_us", with.roundTrip.quantile(0.5));
    figures.put("without_round_trip_p50_us", without.roundTrip.quantile(0.5));
    figures.put("round_trip_p99_us", with.longRoundTrip.quantile(0.5));
    figures.put("without_round_trip_p99_us", without.longRoundTrip.quantile(0.5));
    return new BenchResult(
        figures,
        List.of(
            chart("Downloaded", "MiB/s", with.mebibytesPerSecond, without.mebibytesPerSecond),
            chart("A round trip", "microseconds", with.roundTrip, without.roundTrip)));
  }

  private static BarChart chart(
      String title, String unit, Distribution with, Distribution without) {
    return new BarChart.Builder(title + ", median", unit)
        .ours("with Holdfast", with.quantile(0.5))
        .rival("without", without.quantile(0.5))
        .build();
  }

  private void print(String what, Distribution with, Distribution without) {
    out.printf("%-20s %20s %20s%n", what, words(with), words(without));
  }

  private static String words(Distribution seen) {
    return "%d (%d-%d)".formatted(seen.quantile(0.5), seen.quantile(0.001), seen.quantile(1));
  }

  private static final class Seen {
    private final Distribution mebibytesPerSecond = new Distribution();
    private final Distribution roundTrip = new Distribution();
    private final Distribution longRoundTrip = new Distribution();

    /**
     * @param words of idle_client.py
     */
    void add(long[] words) {
      mebibytesPerSecond.add(words[0] >> 20);
      roundTrip.add(words[1]);
      longRoundTrip.add(words[2]);
    }
  }
}
