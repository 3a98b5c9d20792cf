package org.holdfast.lab.demo;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.report.DemoResult;
import org.holdfast.lab.report.OperationReport;
import org.holdfast.lab.report.Trial;
import org.holdfast.lab.report.Trial.Act;
import org.holdfast.lab.report.Trial.Tool;
import org.holdfast.lab.workload.LoadOptions;
import org.holdfast.lab.workload.LoadRun;
import org.holdfast.lab.workload.LoadVerdict;

/**
 * Both acts, first with Holdfast and then, with fresh connections, with plain libvirt.
 *
 * <p>Holdfast first: what plain libvirt breaks cannot spoil its figures.
 */
final class Performance {
  private static final Duration AGENT_BOUND = Duration.ofSeconds(60);
  private static final Duration BREATH = Duration.ofSeconds(2);

  private final Lab lab;
  private final VirtualMachine vm;
  private final Duration away;
  private final LoadOptions load;
  private final Narrator narrator;
  private final Operator operator;
  private final List<Performed> performed = new ArrayList<>();

  /** A trial whose verdict waits for the end of the run. */
  private record Performed(
      String title, Act act, Tool tool, List<OperationReport> operations, String problem) {}

  Performance(Lab lab, VirtualMachine vm, Duration away, LoadOptions load, Narrator narrator) {
    this.lab = lab;
    this.vm = vm;
    this.away = away;
    this.load = load;
    this.narrator = narrator;
    this.operator = new Operator(lab, vm);
  }

  DemoResult play() throws Exception {
    operator.awaitAgent(AGENT_BOUND);
    Map<String, String> environment = environment();
    LoadVerdict ours = run(Tool.HOLDFAST);
    LoadVerdict plain = run(Tool.PLAIN);
    List<Trial> trials = new ArrayList<>();
    for (Performed one : performed) {
      LoadVerdict verdict = one.tool() == Tool.HOLDFAST ? ours : plain;
      trials.add(
          new Trial(
              one.title(),
              one.act(),
              one.tool(),
              verdict.phase(one.title()),
              one.operations(),
              one.problem()));
    }
    trials.sort((one, other) -> one.act().compareTo(other.act())); // stable: tools keep their order
    return new DemoResult(
        Instant.now(), away, load.connections(), trials, ours, plain, environment);
  }

  private LoadVerdict run(Tool tool) throws Exception {
    narrator.say("%s: starting %d connections", tool.words(), load.connections());
    try (LoadRun run = LoadRun.start(lab, vm, load)) {
      int migrations = tool == Tool.HOLDFAST ? DemoResult.MIGRATIONS : 1;
      for (int count = 0; count < migrations; count++) {
        Operator.Route route = operator.route();
        trial(
            run,
            route.toString(),
            Act.MIGRATION,
            tool,
            () -> tool == Tool.HOLDFAST ? operator.migrate(route) : operator.migratePlainly(route));
      }
      trial(
          run,
          "away for " + away.toSeconds() + " s",
          Act.ABSENCE,
          tool,
          () -> tool == Tool.HOLDFAST ? operator.beAway(away) : operator.beAwayPlainly(away));
      narrator.say("%s: ending the connections, both sides compare", tool.words());
      return run.stop();
    }
  }

  private void trial(
      LoadRun run, String title, Act act, Tool tool, Callable<Operator.Deed> operation)
      throws Exception {
    Thread.sleep(BREATH.toMillis());
    KvmHost host = vm.host();
    narrator.say("%s: %s", tool.words(), title);
    Operator.Deed deed = run.phase(title, operation);
    List<OperationReport> operations =
        deed.operations().isEmpty() ? List.of() : Operator.timed(host, deed.operations());
    performed.add(new Performed(title, act, tool, operations, deed.problem()));
    narrator.say(
        "%s: %d of %d connections stand", tool.words(), run.standing(), load.connections());
    if (!deed.problem().isEmpty()) {
      narrator.say("%s: %s", tool.words(), deed.problem());
    }
  }

  private Map<String, String> environment() {
    Map<String, String> facts = new LinkedHashMap<>();
    KvmHost host = vm.host();
    facts.put(
        "Machine",
        "%s processors, %s"
            .formatted(
                host.exec("nproc").text(),
                host.bash("awk '/MemTotal/ {printf \"%.0f GiB\", $2 / 1048576}' /proc/meminfo")
                    .text()));
    facts.put("Hosts", "Linux " + host.exec("uname", "-r").text());
    facts.put("Guest", "Linux " + vm.exec("uname -r").text());
    facts.put(
        "Virtualisation",
        host.bash(
                "virsh dumpxml "
                    + vm.name()
                    + " | sed -n \"s/.*<domain type='\\([a-z]*\\)'.*/\\1/p\"")
            .text()
            .replace("qemu", "QEMU's software emulation (no hardware virtualisation here)"));
    return facts;
  }
}
