package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.holdfast.lab.Lab;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.fault.Fault;
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
    Map<String, String> before = HostFootprint.withoutVms(lab);
    try (LoadRun load = LoadRun.start(lab, vm, LoadOptions.streamsOnly(8))) {
      StruckMigration.Outcome outcome = load.phase(fault.name(), () -> migrateInto(fault));

      LoadVerdict verdict = load.stop();
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
    assertThat(HostFootprint.leftAfter(StruckMigration.SETTLED_BOUND, lab, before)).isEmpty();
  }

  private StruckMigration.Outcome migrateInto(Fault fault) throws InterruptedException {
    StruckMigration.Outcome outcome =
        StruckMigration.run(lab, vm, Optional.of(new StruckMigration.Strike(fault, Duration.ZERO)));
    assertThat(outcome.struck()).as("the migration reached %s", fault.at()).isTrue();
    switch (fault.ends()) {
      case ON_SOURCE -> assertThat(outcome.moved()).as("moved").isFalse();
      case ON_TARGET -> assertThat(outcome.moved()).as("moved").isTrue();
      case ANYWHERE -> assertThat(outcome.end().name()).isNotEmpty();
    }
    return outcome;
  }
}
