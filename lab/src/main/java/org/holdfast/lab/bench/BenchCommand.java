package org.holdfast.lab.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.holdfast.lab.Lab;
import org.holdfast.lab.LabOptions;
import org.holdfast.lab.workload.LoadOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code ./lab.sh bench NAME}: each benchmark ends with one line {@code BENCH NAME key=value ...},
 * and writes the same as JSON and as a page with charts to {@code target/bench}.
 */
@Command(
    name = "bench",
    description = "Measures Holdfast against its rivals, in one run.",
    mixinStandardHelpOptions = true)
public final class BenchCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  /** Where a benchmark takes place. */
  static final class Place {
    @Option(
        names = "--name",
        paramLabel = "LAB",
        description = "use this lab, which is up; without it one is made and removed")
    private String lab = "";
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "say which: cost, stall, converge, hold, idle, long-hold, many");
  }

  @Command(
      description = "The longest silence peers see, and both blackouts, against plain migration.",
      mixinStandardHelpOptions = true)
  void stall(
      @Mixin Place place,
      @Option(
              names = "--migrations",
              paramLabel = "N",
              defaultValue = "10",
              description = "with Holdfast, and as many plain ones (default: ${DEFAULT-VALUE})")
          int migrations,
      @Option(
              names = "--connections",
              paramLabel = "N",
              defaultValue = "60",
              description = "verified streams (default: ${DEFAULT-VALUE})")
          int connections,
      @Option(names = "--servers", description = "beside them the clients of real servers")
          boolean servers,
      @Option(names = "--timelines", description = "print every step of every migration")
          boolean timelines)
      throws Exception {
    LoadOptions load =
        servers
            ? LoadOptions.everything().withStreams(connections)
            : LoadOptions.streamsOnly(connections);
    inLab(
        place,
        "stall",
        where -> new StallBench(where, load, migrations, timelines, System.out).run());
  }

  @Command(
      description =
          "A guest that stores what peers stream into it faster than its memory may be sent.",
      mixinStandardHelpOptions = true)
  void converge(
      @Mixin Place place,
      @Option(
              names = "--bandwidth",
              paramLabel = "MiB/s",
              defaultValue = "24",
              description = "of the migration (default: ${DEFAULT-VALUE})")
          int bandwidth,
      @Option(
              names = "--store",
              paramLabel = "STORE",
              defaultValue = "both",
              description = "ring (of memory), redis or both (default: ${DEFAULT-VALUE})")
          String store)
      throws Exception {
    List<Store> stores = stores(store);
    inLab(
        place, "converge", where -> new ConvergeBench(where, stores, bandwidth, System.out).run());
  }

  private List<Store> stores(String word) {
    List<Store> stores =
        Stream.of(Store.values())
            .filter(store -> word.equals("both") || word.equals(store.key()))
            .toList();
    if (stores.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "the store is ring, redis or both, not " + word);
    }
    return stores;
  }

  @Command(
      description = "What a connection costs on this host, against the same calls in plain C.",
      mixinStandardHelpOptions = true)
  void cost(
      @Option(
              names = "--connections",
              paramLabel = "N",
              split = ",",
              defaultValue = "1,100,1000,10000",
              description = "one or several numbers of them (default: ${DEFAULT-VALUE})")
          List<Integer> connections)
      throws Exception {
    print("cost", new CostBench(connections, System.out).run());
  }

  @Command(
      description = "What Holdfast costs a VM that nothing happens to.",
      mixinStandardHelpOptions = true)
  void idle(
      @Mixin Place place,
      @Option(
              names = "--rounds",
              paramLabel = "N",
              defaultValue = "12",
              description = "with Holdfast, and as many without (default: ${DEFAULT-VALUE})")
          int rounds)
      throws Exception {
    inLab(place, "idle", where -> new IdleBench(where, rounds, System.out).run());
  }

  @Command(
      description = "One outage, and five ways to go through it.",
      mixinStandardHelpOptions = true)
  void hold(
      @Mixin Place place,
      @Option(
              names = "--seconds",
              paramLabel = "N",
              split = ",",
              defaultValue = "1,10,60,300",
              description =
                  "how long the VM is away, once or several times (default: ${DEFAULT-VALUE})")
          List<Integer> seconds,
      @Option(
              names = "--each",
              paramLabel = "N",
              defaultValue = "2",
              description = "connections of each patience (default: ${DEFAULT-VALUE})")
          int each)
      throws Exception {
    inLab(place, "hold", where -> new HoldBench(where, seconds, each, System.out).run());
  }

  @Command(
      name = "long-hold",
      description =
          "Peers that go on sending 100 kB/s to a VM that is suspended, of every patience.",
      mixinStandardHelpOptions = true)
  void longHold(
      @Mixin Place place,
      @Option(
              names = "--minutes",
              paramLabel = "N",
              defaultValue = "20",
              description = "how long the VM is away (default: ${DEFAULT-VALUE})")
          int minutes,
      @Option(
              names = "--connections",
              paramLabel = "N",
              defaultValue = "3",
              description = "verified streams, at least 3 (default: ${DEFAULT-VALUE})")
          int connections)
      throws Exception {
    inLab(
        place,
        "long-hold",
        where ->
            new LongHoldBench(where, connections, Duration.ofMinutes(minutes), System.out).run());
  }

  @Command(
      description =
          "Very many connections that are migrated and held, and what a host needs for it.",
      mixinStandardHelpOptions = true)
  void many(
      @Mixin Place place,
      @Option(
              names = "--connections",
              paramLabel = "N",
              defaultValue = "10000",
              description = "up to " + ManyBench.MOST + " (default: ${DEFAULT-VALUE})")
          int connections)
      throws Exception {
    if (connections < 1 || connections > ManyBench.MOST) {
      throw new ParameterException(
          spec.commandLine(), "1 to " + ManyBench.MOST + " connections, not " + connections);
    }
    inLab(place, "many", where -> new ManyBench(where, connections, System.out).run());
  }

  private interface Bench {
    BenchResult run(Lab lab) throws Exception;
  }

  private static void inLab(Place place, String name, Bench bench) throws Exception {
    BenchResult result;
    if (!place.lab.isEmpty()) {
      result = bench.run(Lab.attach(place.lab));
    } else {
      String own = "bench-" + name;
      try {
        result = bench.run(Lab.start(LabOptions.named(own).withProgress(System.err::println)));
      } finally {
        Lab.remove(own);
      }
    }
    print(name, result);
  }

  private static void print(String name, BenchResult result) {
    Path folder = Path.of(System.getProperty("holdfast.home", "."), "target", "bench");
    System.out.println("The page: " + result.write(name, folder, Instant.now()));
    System.out.println(result.line(name));
  }
}
