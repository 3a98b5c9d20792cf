package org.holdfast.lab.bench;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.holdfast.lab.BackgroundCommand;
import org.holdfast.lab.CommandResult;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.LabException;
import org.holdfast.lab.Resources;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmInterface;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.Waiting;
import org.holdfast.lab.fault.Daemons;
import org.holdfast.lab.report.BarChart;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of connections whose VM is away for a while, by what its host does about it: each
 * way has a VM of its own, all of them on one host, and one is away for as long as the other.
 */
final class HoldBench {
  private enum Way {
    NOTHING,
    DROP,
    CACHE,
    ZERO_WINDOW,
    HOLDFAST;

    /** As outage.py calls it. */
    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private static final int PORT = 7400;
  private static final String SERVER = "/tmp/hold-server.py";
  private static final String CLIENT = "/run/hold-client.py";
  private static final String OUTAGE = "/run/outage.py";
  private static final Duration BOUND = Duration.ofSeconds(120);

  /** The VMs do not come back in the same moment: they share the machine's processors. */
  private static final Duration BETWEEN_WAYS = Duration.ofSeconds(6);

  private static final Duration SETTLE = Duration.ofSeconds(2);

  /** The longest that TCP waits before it sends something again, seconds. */
  private static final int LONGEST_TIMEOUT = 125;

  private static final int PATIENCE = 15;

  private static final Gson GSON =
      new GsonBuilder()
          .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
          .create();

  /** What hold_client.py tells of a connection. */
  private record Seen(
      String kind,
      boolean alive,
      String problem,
      long accepted,
      @Nullable Double firstByteMs,
      long resent) {}

  private final Lab lab;
  private final List<Integer> lengths;
  private final int each;
  private final PrintStream out;
  private final BarChart.Builder alive = new BarChart.Builder("Connections alive", "of all");
  private final BarChart.Builder accepted = new BarChart.Builder("Accepted meanwhile", "KiB");
  private final BarChart.Builder firstByte =
      new BarChart.Builder("From the VM running to the last connection's first byte", "ms");
  private final BarChart.Builder resent = new BarChart.Builder("Sent again", "segments");

  /**
   * @param lengths of the outages, seconds
   * @param each how many connections of each patience, for each way
   */
  HoldBench(Lab lab, List<Integer> lengths, int each, PrintStream out) {
    this.lab = lab;
    this.lengths = List.copyOf(lengths);
    this.each = each;
    this.out = out;
  }

  BenchResult run() throws Exception {
    lab.hosts().forEach(Daemons::awaitRehearsed);
    lab.peer().writeFile(CLIENT, Resources.text(HoldBench.class, "hold_client.py"));
    Map<Way, VirtualMachine> vms = new EnumMap<>(Way.class);
    ExecutorService together = Executors.newFixedThreadPool(Way.values().length);
    try {
      for (Way way : Way.values()) {
        vms.put(way, boot(way));
      }
      Map<String, Long> figures = new LinkedHashMap<>();
      figures.put("connections", 3L * each);
      for (int seconds : lengths) {
        measure(together, vms, seconds, figures);
      }
      return new BenchResult(
          figures, List.of(alive.build(), accepted.build(), firstByte.build(), resent.build()));
    } finally {
      together.shutdownNow();
      vms.values().forEach(this::end);
    }
  }

  private VirtualMachine boot(Way way) {
    VirtualMachine vm = lab.startVm(VmOptions.named("hold-" + way.word())).awaitReady();
    vm.writeFile(SERVER, Resources.text(HoldBench.class, "hold_server.py"));
    vm.startProgram("python3 %s %d".formatted(SERVER, PORT), "/tmp/hold.out", "ready");
    // Peers find the VM's address in every way: who answers for it is not what is measured.
    neighbour(vm, "replace %s lladdr %s dev eth0 nud permanent");
    vm.host().writeFile(OUTAGE, Resources.text(HoldBench.class, "outage.py"));
    return vm;
  }

  private void neighbour(VirtualMachine vm, String words) {
    VmInterface one = vm.interfaces().get(0);
    lab.peer().bash("ip neigh " + words.formatted(one.ipv4(), one.mac())).orThrow();
  }

  private void end(VirtualMachine vm) {
    neighbour(vm, "del %s dev eth0");
    vm.destroy();
  }

  private void measure(
      ExecutorService together,
      Map<Way, VirtualMachine> vms,
      int seconds,
      Map<String, Long> figures)
      throws Exception {
    Map<Way, Future<List<Seen>>> runs = new EnumMap<>(Way.class);
    vms.forEach((way, vm) -> runs.put(way, together.submit(outage(way, vm, seconds))));
    for (Map.Entry<Way, Future<List<Seen>>> run : runs.entrySet()) {
      note(run.getKey(), seconds, run.getValue().get(), figures);
    }
  }

  private Callable<List<Seen>> outage(Way way, VirtualMachine vm, int seconds) {
    return () -> {
      String back = "/run/" + vm.name() + "-back";
      lab.peer().exec("rm", "-f", back);
      KvmHost host = vm.host();
      String mac = vm.interfaces().get(0).mac();
      String[] talk = {"python3", CLIENT, vm.ipv4(), PORT + "", each + "", back};
      String[] leave = {"python3", OUTAGE, way.word(), vm.name(), tap(host, vm), mac, seconds + ""};
      Waiting.pause(BETWEEN_WAYS.multipliedBy(way.ordinal()), "the other VMs");
      try (BackgroundCommand peers = lab.peer().start(List.of(talk))) {
        Waiting.until(BOUND, "connections to " + vm.name(), () -> peers.stdout().contains("conn"));
        Waiting.pause(SETTLE, "connections to run");
        CommandResult times = host.exec(BOUND.plusSeconds(seconds), List.of(leave)).orThrow();
        int patience = PATIENCE + Math.min(LONGEST_TIMEOUT, seconds);
        lab.peer().writeFile(back, times.text() + " " + patience);
        CommandResult said = peers.result(BOUND.plusSeconds(patience)).orThrow();
        return Arrays.asList(GSON.fromJson(said.text().split("\n", 2)[1], Seen[].class));
      }
    };
  }

  private static String tap(KvmHost host, VirtualMachine vm) {
    String mac = vm.interfaces().get(0).mac();
    return host.virsh("domiflist", vm.name())
        .orThrow()
        .stdout()
        .lines()
        .filter(line -> line.contains(mac))
        .map(line -> line.strip().split("\\s+")[0])
        .findFirst()
        .orElseThrow(() -> new LabException(vm.name() + " has no tap"));
  }

  private void note(Way way, int seconds, List<Seen> seen, Map<String, Long> figures) {
    long living = seen.stream().filter(Seen::alive).count();
    long taken = seen.stream().mapToLong(Seen::accepted).sum() >> 10;
    long repeated = seen.stream().mapToLong(Seen::resent).sum();
    long first =
        seen.stream()
            .map(Seen::firstByteMs)
            .filter(Objects::nonNull)
            .mapToLong(Math::round)
            .max()
            .orElse(-1);
    out.printf(
        "%3d s, %-11s alive %s; accepted %d KiB; first byte after %s; %d segments sent again%n",
        seconds,
        way.word() + ":",
        aliveByKind(seen),
        taken,
        first < 0 ? "-" : first + " ms",
        repeated);
    seen.stream()
        .filter(one -> !one.alive())
        .forEach(one -> out.printf("       lost (%s): %s%n", one.kind(), one.problem()));
    add(way, seconds, "alive", living, alive, figures);
    add(way, seconds, "accepted_kib", taken, accepted, figures);
    add(way, seconds, "first_byte_ms", first, firstByte, figures);
    add(way, seconds, "resent", repeated, resent, figures);
  }

  private static void add(
      Way way,
      int seconds,
      String figure,
      long value,
      BarChart.Builder chart,
      Map<String, Long> figures) {
    figures.put(way.name().toLowerCase(Locale.ROOT) + "_" + seconds + "_" + figure, value);
    if (value >= 0) {
      chart.add("%d s, %s".formatted(seconds, way.word()), way == Way.HOLDFAST, value);
    }
  }

  private String aliveByKind(List<Seen> seen) {
    return seen.stream()
        .map(Seen::kind)
        .distinct()
        .map(
            kind ->
                "%s %d of %d"
                    .formatted(
                        kind,
                        seen.stream().filter(one -> one.kind().equals(kind) && one.alive()).count(),
                        each))
        .collect(Collectors.joining(", "));
  }
}
