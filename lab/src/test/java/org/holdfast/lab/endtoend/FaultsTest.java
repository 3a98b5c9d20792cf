package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.holdfast.lab.Lab;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.fault.Fault;
import org.holdfast.lab.fault.GuestCrash;
import org.holdfast.lab.fault.HostFootprint;
import org.holdfast.lab.fault.StruckMigration;
import org.holdfast.lab.workload.LoadOptions;
import org.holdfast.lab.workload.LoadRun;
import org.holdfast.lab.workload.LoadVerdict;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.opentest4j.TestAbortedException;

/**
 * Faults in the middle of a migration under load, by the table in {@link Fault}: {@code ./lab.sh
 * faults [FILTER]} tries all in whose names the pattern FILTER is found.
 */
@Tag("lab")
@EnabledIfSystemProperty(named = "holdfast.faults", matches = ".*")
@ExtendWith(LabExtension.class)
class FaultsTest {
  /** Set by {@code ./lab.sh faults}. */
  private static final String FILTER = System.getProperty("holdfast.faults", "");

  private static final String VM = "struck";

  private final Lab lab;
  private VirtualMachine vm;

  FaultsTest(Lab lab) {
    this.lab = lab;
    this.vm = boot();
  }

  private VirtualMachine boot() {
    lab.destroyLeftOver(VM);
    return lab.startVm(VmOptions.named(VM)).awaitReady();
  }

  @AfterEach
  void destroy() {
    vm.destroy();
  }

  @TestFactory
  Stream<DynamicTest> theVmRunsInOnePlaceWithItsConnectionsAndNothingIsLeft() {
    Pattern filter = Pattern.compile(FILTER);
    List<Fault> chosen =
        Arrays.stream(Fault.values()).filter(fault -> filter.matcher(fault.name()).find()).toList();
    assertThat(chosen).as("faults with '%s' in their name", FILTER).isNotEmpty();
    return chosen.stream().map(fault -> DynamicTest.dynamicTest(fault.name(), () -> strike(fault)));
  }

  /** A guest whose kernel has crashed on an emulated processor is no fault's doing: another one. */
  private void strike(Fault fault) throws Exception {
    try {
      judge(fault);
    } catch (Exception | AssertionError failure) {
      if (GuestCrash.happened(lab)) {
        renew();
        throw new TestAbortedException("the guest's kernel crashed", failure);
      }
      throw failure;
    }
  }

  private void renew() {
    vm.destroy();
    vm = boot();
  }

  private void judge(Fault fault) throws Exception {
    Map<String, String> before = HostFootprint.withoutVms(lab);
    try (LoadRun load = LoadRun.start(lab, vm, LoadOptions.streamsOnly(8))) {
      StruckMigration.Outcome outcome = load.phase(fault.name(), () -> migrateInto(fault));

      if (fault.ends() == Fault.Ends.NOWHERE) {
        judgeEnded(fault, outcome);
      } else {
        judgeKept(fault, outcome, load.stop());
      }
    }
    assertThat(HostFootprint.leftAfter(StruckMigration.SETTLED_BOUND, lab, before)).isEmpty();
    if (fault.ends() == Fault.Ends.NOWHERE) {
      renew();
    }
  }

  private void judgeKept(Fault fault, StruckMigration.Outcome outcome, LoadVerdict verdict) {
    System.out.printf(
        "%s: %s; kept %d of %d; the command said: %s%n",
        fault,
        vm.whereabouts(),
        verdict.phase(fault.name()).kept(),
        verdict.phase(fault.name()).of(),
        outcome.words());
    assertThat(verdict.phase(fault.name()).complaints()).isEmpty();
    assertThat(verdict.corrupted()).isZero();
    assertThat(verdict.guestErrors()).isEmpty();
  }

  /**
   * With the VM its connections end; the operator is told, and the hosts are as they were. A guest
   * that has panicked may still be moved.
   */
  private static void judgeEnded(Fault fault, StruckMigration.Outcome outcome) {
    System.out.printf(
        "%s: the VM ended; kept 0 of 0; the command said: %s%n", fault, outcome.words());
    assertThat(outcome.said().succeeded() || outcome.words().startsWith("error: "))
        .as(outcome.said().describe())
        .isTrue();
  }

  private StruckMigration.Outcome migrateInto(Fault fault) throws InterruptedException {
    StruckMigration.Outcome outcome =
        StruckMigration.run(lab, vm, Optional.of(new StruckMigration.Strike(fault, Duration.ZERO)));
    assertThat(outcome.struck()).as("the migration reached %s", fault.at()).isTrue();
    switch (fault.ends()) {
      case ON_SOURCE -> assertThat(outcome.moved()).as("moved").isFalse();
      case ON_TARGET -> assertThat(outcome.moved()).as("moved").isTrue();
      case ANYWHERE -> assertThat(outcome.end()).isPresent();
      case NOWHERE -> assertThat(outcome.end()).isEmpty();
    }
    return outcome;
  }
}
