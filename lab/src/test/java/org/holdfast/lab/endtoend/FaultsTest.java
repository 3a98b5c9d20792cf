package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.holdfast.lab.BackgroundCommand;
import org.holdfast.lab.CommandResult;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.Product;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.Waiting;
import org.holdfast.lab.workload.LoadOptions;
import org.holdfast.lab.workload.LoadRun;
import org.holdfast.lab.workload.LoadVerdict;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Faults in the middle of a migration under load, by the table in {@link Fault}: {@code ./lab.sh
 * faults [FILTER]} tries all whose names contain FILTER.
 */
@Tag("lab")
@EnabledIfSystemProperty(named = "holdfast.faults", matches = ".*")
@ExtendWith(LabExtension.class)
class FaultsTest {
  /** Set by {@code ./lab.sh faults}. */
  private static final String FILTER = System.getProperty("holdfast.faults", "");

  private static final Duration MIGRATION_BOUND = Duration.ofMinutes(3);
  private static final Duration SETTLED_BOUND = Duration.ofSeconds(60);

  private final Lab lab;
  private final VirtualMachine vm;

  FaultsTest(Lab lab) {
    this.lab = lab;
    this.vm = lab.startVm(VmOptions.named("struck")).awaitReady();
  }

  @AfterEach
  void destroy() {
    vm.destroy();
  }

  @TestFactory
  Stream<DynamicTest> theVmRunsInOnePlaceWithItsConnectionsAndNothingIsLeft() {
    List<Fault> chosen =
        Arrays.stream(Fault.values()).filter(fault -> fault.name().contains(FILTER)).toList();
    assertThat(chosen).as("faults with '%s' in their name", FILTER).isNotEmpty();
    return chosen.stream().map(fault -> DynamicTest.dynamicTest(fault.name(), () -> strike(fault)));
  }

  private void strike(Fault fault) throws Exception {
    KvmHost source = vm.host();
    KvmHost target = Product.other(lab, source);
    Map<String, Object> before = footprints();
    try (LoadRun load = LoadRun.start(lab, vm, LoadOptions.streamsOnly(8))) {
      String said = load.phase(fault.name(), () -> migrateInto(fault, source, target));

      LoadVerdict verdict = load.stop();
      System.out.printf(
          "%s: %s; kept %d of %d; the command said: %s%n",
          fault,
          vm.whereabouts(),
          verdict.phase(fault.name()).kept(),
          verdict.phase(fault.name()).of(),
          said);
      assertThat(verdict.phase(fault.name()).complaints()).isEmpty();
      assertThat(verdict.corrupted()).isZero();
      assertThat(verdict.guestErrors()).isEmpty();
    }
    Waiting.until(
        SETTLED_BOUND, "nothing to be left on either host", () -> before.equals(footprints()));
  }

  /** Returns the last words of the command. */
  private String migrateInto(Fault fault, KvmHost source, KvmHost target) throws Exception {
    long logged = logLength(source);
    try (BackgroundCommand command =
        source.start(List.of("holdfast", "migrate", "--live", vm.name(), target.libvirtUri()))) {
      awaitState(source, logged, fault.at());
      fault.inject(new Fault.Scene(source, target, vm.name(), command));
      command.await(MIGRATION_BOUND);
      Waiting.until(SETTLED_BOUND, vm.name() + " to run in one place", this::runsInOnePlace);
      switch (fault.ends()) {
        case ON_SOURCE -> assertThat(vm.host().name()).isEqualTo(source.name());
        case ON_TARGET -> assertThat(vm.host().name()).isEqualTo(target.name());
        case ANYWHERE -> assertThat(vm.host().name()).isNotEmpty();
      }
      return command.stderr().lines().reduce((first, last) -> last).orElse("");
    }
  }

  private boolean runsInOnePlace() {
    List<String> states =
        lab.hosts().stream()
            .map(host -> host.virsh("domstate", vm.name()))
            .filter(CommandResult::succeeded)
            .map(CommandResult::text)
            .filter(state -> !state.equals("shut off"))
            .toList();
    return states.equals(List.of("running"));
  }

  private static long logLength(KvmHost host) {
    return Long.parseLong(host.bash("stat -c %s /var/log/holdfastd.log").orThrow().text());
  }

  /** The daemon logs each transition before it acts on it. */
  private static void awaitState(KvmHost host, long from, Fault.At state) {
    host.bash(
            """
            for i in $(seq 6000); do
                tail -c +%d /var/log/holdfastd.log | grep -q -e '--> %s$' && exit 0
                sleep 0.01
            done
            tail -n 5 /var/log/holdfastd.log >&2
            exit 1
            """
                .formatted(from + 1, state))
        .orThrow();
  }

  private Map<String, Object> footprints() {
    Map<String, Object> footprints = new TreeMap<>();
    lab.hosts().forEach(host -> footprints.put(host.name(), HostFootprint.withoutVms(host)));
    return footprints;
  }
}
