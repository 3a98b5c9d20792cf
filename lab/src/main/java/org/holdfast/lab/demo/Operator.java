package org.holdfast.lab.demo;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.lab.CommandResult;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.LabException;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.report.OperationReport;

/** Does to the VM what an operator would: by the product's command, and by virsh. */
final class Operator {
  /** What one command did: a report if it is one of ours, a problem if it failed. */
  record Deed(List<OperationReport> operations, String problem) {
    Deed {
      operations = List.copyOf(operations);
    }

    Deed then(Deed next) {
      List<OperationReport> both = new ArrayList<>(operations);
      both.addAll(next.operations);
      String problems = (problem + "\n" + next.problem).strip();
      return new Deed(both, problems);
    }
  }

  private static final Pattern TIMESTAMP =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z");

  private final Lab lab;
  private final VirtualMachine vm;

  Operator(Lab lab, VirtualMachine vm) {
    this.lab = lab;
    this.vm = vm;
  }

  /** Waits until the guest's agent answers: it starts with the guest, but not at once. */
  void awaitAgent(Duration bound) throws InterruptedException {
    KvmHost host = vm.host();
    Instant deadline = Instant.now().plus(bound);
    CommandResult listed = host.holdfast("connections", vm.name());
    while (!listed.succeeded()) {
      if (Instant.now().isAfter(deadline)) {
        throw new LabException("the agent in " + vm.name() + " is not there: " + listed.stderr());
      }
      Thread.sleep(500);
      listed = host.holdfast("connections", vm.name());
    }
  }

  /** The hosts the next migration goes from and to. */
  record Route(KvmHost from, KvmHost to) {
    @Override
    public String toString() {
      return from.name() + " to " + to.name();
    }
  }

  Route route() {
    KvmHost from = vm.host();
    KvmHost to =
        lab.hosts().stream()
            .filter(host -> !host.name().equals(from.name()))
            .findFirst()
            .orElseThrow();
    return new Route(from, to);
  }

  Deed migrate(Route route) {
    return holdfast(route.from(), "migrate", "--live", vm.name(), route.to().libvirtUri());
  }

  Deed migratePlainly(Route route) {
    return plain(route.from().virsh("migrate", "--live", vm.name(), route.to().libvirtUri()));
  }

  /** Suspends, waits, resumes, on the host where the VM is. */
  Deed beAway(Duration time) throws InterruptedException {
    KvmHost host = vm.host();
    Deed suspended = holdfast(host, "suspend", vm.name());
    Thread.sleep(time.toMillis());
    return suspended.then(holdfast(host, "resume", vm.name()));
  }

  Deed beAwayPlainly(Duration time) throws InterruptedException {
    KvmHost host = vm.host();
    Deed suspended = plain(host.virsh("suspend", vm.name()));
    Thread.sleep(time.toMillis());
    return suspended.then(plain(host.virsh("resume", vm.name())));
  }

  private static Deed plain(CommandResult result) {
    return new Deed(List.of(), result.succeeded() ? "" : result.stderr().strip());
  }

  private static Deed holdfast(KvmHost host, String verb, String... words) {
    List<String> command = new ArrayList<>(List.of(verb, "--json"));
    command.addAll(List.of(words));
    Instant before = Instant.now();
    CommandResult result = host.holdfast(command.toArray(String[]::new));
    String problem = result.succeeded() ? "" : (result.stderr() + result.stdout()).strip();
    if (!result.stdout().strip().startsWith("{")) {
      return new Deed(List.of(), problem.isEmpty() ? "it printed no report" : problem);
    }
    OperationReport report = OperationReport.parse(verb, before, result.stdout());
    return new Deed(List.of(report), problem);
  }

  /** The same reports with the time at which the daemon says each operation began. */
  static List<OperationReport> timed(KvmHost host, List<OperationReport> operations) {
    List<Instant> begins = begins(host.holdfast("operations").stdout(), operations.size());
    if (begins.size() < operations.size()) {
      return operations;
    }
    List<OperationReport> timed = new ArrayList<>();
    for (int index = 0; index < operations.size(); index++) {
      OperationReport operation = operations.get(index);
      timed.add(new OperationReport(operation.verb(), begins.get(index), operation.report()));
    }
    return timed;
  }

  /**
   * When the last operations began, the oldest of them first.
   *
   * @param table what {@code holdfast operations} printed, newest first
   * @param count how many are wanted
   */
  static List<Instant> begins(String table, int count) {
    List<Instant> begins = new ArrayList<>();
    Matcher matcher = TIMESTAMP.matcher(table);
    while (begins.size() < count && matcher.find()) {
      begins.add(0, Instant.parse(matcher.group()));
    }
    return begins;
  }
}
