package org.holdfast.lab.bench;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.lab.BackgroundCommand;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.Product;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.Waiting;
import org.holdfast.lab.bench.ConvergeRun.Way;

/**
 * A guest that stores what its peers stream into it faster than its memory may be sent: how long a
 * migration takes, how much it sends and what peers get through meanwhile, with Holdfast and in
 * libvirt's own ways, one after another with the same VM.
 */
final class ConvergeBench {
  /** Whoever has not completed after this does not complete. */
  private static final Duration BOUND = Duration.ofSeconds(120);

  private static final Duration ANSWER_BOUND = Duration.ofSeconds(90);
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(200);
  private static final Pattern PROCESSED = Pattern.compile("memory_processed\\D+(\\d+)");

  /** How a migration itself went. */
  private record Migration(Instant begin, boolean completed, Duration took, long bytesSent) {}

  private final Lab lab;
  private final List<Store> stores;
  private final int bandwidth;
  private final PrintStream out;

  /**
   * Prepares it.
   *
   * @param lab where; a VM for each store is started there
   * @param stores one after another
   * @param bandwidth of the migration, MiB/s
   * @param out where the progress goes
   */
  ConvergeBench(Lab lab, List<Store> stores, int bandwidth, PrintStream out) {
    this.lab = lab;
    this.stores = List.copyOf(stores);
    this.bandwidth = bandwidth;
    this.out = out;
  }

  /**
   * Runs it.
   *
   * @return what it found
   */
  BenchResult run() throws InterruptedException {
    ConvergeFindings findings = new ConvergeFindings(bandwidth);
    for (Store store : stores) {
      findings.add(store, run(store));
    }
    return findings.result();
  }

  private List<ConvergeRun> run(Store store) throws InterruptedException {
    VirtualMachine vm = lab.startVm(VmOptions.named("converge-" + store.key())).awaitReady();
    try {
      store.start(vm);
      List<ConvergeRun> runs = new ArrayList<>();
      for (Way way : Way.values()) {
        ConvergeRun run = run(vm, store, way);
        out.println(store.key() + ", " + run.words());
        runs.add(run);
      }
      return runs;
    } finally {
      vm.destroy();
    }
  }

  private ConvergeRun run(VirtualMachine vm, Store store, Way way) throws InterruptedException {
    try (StorePeers peers = StorePeers.start(lab, vm, store)) {
      peers.awaitFull();
      Waiting.pause(ConvergeRun.BEFORE, "what peers send before the migration");
      Migration migration = migrate(vm, way);
      Waiting.pause(ConvergeRun.AFTER, "what peers send after the migration");
      StorePeers.End end = peers.end(out);
      return new ConvergeRun(
          way,
          migration.completed,
          migration.took,
          migration.bytesSent,
          end.alive(),
          Throughput.of(end.notes(), migration.begin));
    }
  }

  private Migration migrate(VirtualMachine vm, Way way) throws InterruptedException {
    KvmHost source = vm.host();
    List<String> words = words(vm.name(), source, way);
    Instant moment = Instant.now();
    long begin = System.nanoTime();
    try (BackgroundCommand command = source.start(words)) {
      long bytes = awaitEnd(command, source, vm.name(), begin);
      if (command.isRunning()) {
        source.virsh("domjobabort", vm.name());
      }
      boolean completed = command.await(ANSWER_BOUND) == 0;
      Duration took = Duration.ofNanos(System.nanoTime() - begin);
      return new Migration(moment, completed, took, bytes);
    }
  }

  private List<String> words(String vm, KvmHost source, Way way) {
    List<String> words = new ArrayList<>(way.words());
    words.addAll(List.of("--bandwidth", bandwidth + "", vm));
    words.add(Product.other(lab, source).libvirtUri());
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
}
