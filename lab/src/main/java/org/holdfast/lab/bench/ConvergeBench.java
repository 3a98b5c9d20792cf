package org.holdfast.lab.bench;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.lab.BackgroundCommand;
import org.holdfast.lab.CommandResult;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.Product;
import org.holdfast.lab.Resources;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.Waiting;
import org.holdfast.lab.report.Chart;

/**
 * A guest that stores what its peers stream into it faster than its memory may be sent: how long a
 * migration takes and how much it sends, with Holdfast and in libvirt's own ways, one after another
 * with the same VM.
 */
final class ConvergeBench {
  /** Whoever has not completed after this does not complete. */
  private static final Duration BOUND = Duration.ofSeconds(120);

  private static final Duration ANSWER_BOUND = Duration.ofSeconds(90);
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(200);
  private static final int PORT = 7300;
  private static final int CONNECTIONS = 4;
  private static final int RING_MEBIBYTES = 160;
  private static final String SENT = "/tmp/ring-sent";
  private static final String ENOUGH = "/tmp/ring-enough";
  private static final Pattern PROCESSED = Pattern.compile("memory_processed\\D+(\\d+)");

  /** A way to migrate. */
  private enum Way {
    HOLDFAST("holdfast", "migrate", "--live"),
    PLAIN("virsh", "migrate", "--live"),
    AUTO_CONVERGE("virsh", "migrate", "--live", "--auto-converge"),
    POSTCOPY("virsh", "migrate", "--live", "--postcopy", "--postcopy-after-precopy");

    private final List<String> words;

    Way(String... words) {
      this.words = List.of(words);
    }

    private String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How one of them went. */
  private record Run(boolean completed, Duration took, long bytesSent, long alive, long received) {}

  private final Lab lab;
  private final int bandwidth;
  private final PrintStream out;

  /**
   * Prepares it.
   *
   * @param lab where; a VM of its own is started there
   * @param bandwidth of the migration, MiB/s
   * @param out where the progress goes
   */
  ConvergeBench(Lab lab, int bandwidth, PrintStream out) {
    this.lab = lab;
    this.bandwidth = bandwidth;
    this.out = out;
  }

  /**
   * Runs it.
   *
   * @return what it found
   */
  BenchResult run() throws InterruptedException {
    VirtualMachine vm = lab.startVm(VmOptions.named("converge")).awaitReady();
    try {
      vm.writeFile("/tmp/ring.py", Resources.text(ConvergeBench.class, "ring_server.py"));
      String server = "python3 /tmp/ring.py %d %d %d".formatted(PORT, CONNECTIONS, RING_MEBIBYTES);
      vm.startProgram(server, "/tmp/ring.out", "ready");
      lab.peer()
          .writeFile("/tmp/ring_client.py", Resources.text(ConvergeBench.class, "ring_client.py"));
      Map<String, Long> figures = new LinkedHashMap<>();
      Chart.Builder took = new Chart.Builder("Time to complete", "seconds");
      Chart.Builder sent = new Chart.Builder("Sent", "MiB");
      figures.put("bandwidth_mib_s", (long) bandwidth);
      figures.put("connections", (long) CONNECTIONS);
      for (Way way : Way.values()) {
        Run run = migrate(vm, way);
        out.printf(
            "%s: %s after %.1f s, %d MiB sent, %d of %d connections alive and right; peers sent %.1f"
                + " MiB/s%n",
            way.key(),
            run.completed ? "complete" : "given up",
            run.took.toMillis() / 1000.0,
            run.bytesSent >> 20,
            run.alive,
            CONNECTIONS,
            run.received / 1048.576 / run.took.toMillis());
        figures.put(way.key() + "_complete", run.completed ? 1L : 0L);
        figures.put(way.key() + "_ms", run.took.toMillis());
        figures.put(way.key() + "_sent_mib", run.bytesSent >> 20);
        figures.put(way.key() + "_alive", run.alive);
        took.add(label(way, run), way == Way.HOLDFAST, run.took.toMillis() / 1000.0);
        sent.add(label(way, run), way == Way.HOLDFAST, run.bytesSent >> 20);
      }
      return new BenchResult(figures, List.of(took.build(), sent.build()));
    } finally {
      vm.destroy();
    }
  }

  private static String label(Way way, Run run) {
    return way.key() + (run.completed ? "" : " (given up)");
  }

  private Run migrate(VirtualMachine vm, Way way) throws InterruptedException {
    lab.peer().exec("rm", "-f", ENOUGH, SENT);
    List<String> client =
        List.of("python3", "/tmp/ring_client.py", vm.ipv4(), PORT + "", CONNECTIONS + "");
    List<String> words = new ArrayList<>(client);
    words.addAll(List.of(ENOUGH, SENT));
    try (BackgroundCommand peers = lab.peer().start(words)) {
      Waiting.until(ANSWER_BOUND, "a full ring", () -> sent() > (long) (RING_MEBIBYTES + 32) << 20);
      long before = sent();
      long begin = System.nanoTime();
      KvmHost source = vm.host();
      boolean completed;
      long bytes;
      try (BackgroundCommand command = source.start(words(vm, way))) {
        bytes = awaitEnd(command, source, vm.name(), begin);
        if (command.isRunning()) {
          source.virsh("domjobabort", vm.name());
        }
        completed = command.await(ANSWER_BOUND) == 0;
      }
      Duration took = Duration.ofNanos(System.nanoTime() - begin);
      long received = sent() - before;
      lab.peer().exec("touch", ENOUGH).orThrow();
      CommandResult said = peers.result(ANSWER_BOUND);
      return new Run(completed, took, bytes, Long.parseLong(said.text()), received);
    }
  }

  private List<String> words(VirtualMachine vm, Way way) {
    List<String> words = new ArrayList<>(way.words);
    words.addAll(List.of("--bandwidth", bandwidth + "", vm.name()));
    words.add(Product.other(lab, vm.host()).libvirtUri());
    return words;
  }

  /** Returns how much was sent, as libvirt said last. */
  private static long awaitEnd(BackgroundCommand command, KvmHost source, String vm, long begin)
      throws InterruptedException {
    long bytes = 0;
    while (command.isRunning() && System.nanoTime() - begin < BOUND.toNanos()) {
      Thread.sleep(LOOK_INTERVAL.toMillis());
      Matcher said = PROCESSED.matcher(source.virsh("domjobinfo", vm, "--rawstats").stdout());
      if (said.find()) {
        bytes = Math.max(bytes, Long.parseLong(said.group(1)));
      }
    }
    return bytes;
  }

  private long sent() {
    String said = lab.peer().exec("cat", SENT).text();
    return said.isEmpty() ? 0 : Long.parseLong(said);
  }
}
