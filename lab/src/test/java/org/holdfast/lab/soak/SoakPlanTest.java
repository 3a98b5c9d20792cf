package org.holdfast.lab.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.holdfast.lab.LabException;
import org.holdfast.lab.fault.Fault;
import org.holdfast.lab.fault.StruckMigration.Strike;
import org.junit.jupiter.api.Test;

final class SoakPlanTest {
  @Test
  void hasExactlyAsManyFaultsAsAskedFor() {
    for (int migrations : List.of(1, 7, 20, 200, 1000)) {
      for (int faults : List.of(0, 1, migrations / 3, migrations / 2, migrations)) {
        for (long seed = 0; seed < 20; seed++) {
          SoakPlan plan = SoakPlan.draw(migrations, faults, seed);

          assertThat(plan.strikes()).hasSize(faults);
          assertThat(plan.strikes().keySet())
              .allSatisfy(number -> assertThat(number).isBetween(1, migrations));
        }
      }
    }
  }

  @Test
  void spreadsThemOverTheMigrations() {
    for (long seed = 0; seed < 50; seed++) {
      SoakPlan plan = SoakPlan.draw(200, 20, seed);
      for (int stretch = 0; stretch < 20; stretch++) {
        int first = 1 + stretch * 10;
        assertThat(plan.strikes().keySet())
            .filteredOn(number -> number >= first && number < first + 10)
            .hasSize(1);
      }
    }
  }

  @Test
  void theSameSeedGivesTheSamePlanAndAnotherAnother() {
    assertThat(SoakPlan.draw(200, 100, 7)).isEqualTo(SoakPlan.draw(200, 100, 7));
    assertThat(SoakPlan.draw(200, 100, 7).strikes())
        .isNotEqualTo(SoakPlan.draw(200, 100, 8).strikes());
  }

  @Test
  void eachFaultHasItsTurnBeforeAnyComesASecondTime() {
    int kinds = SoakPlan.kinds().size();
    List<Fault> inOrder =
        new TreeMap<>(SoakPlan.draw(kinds * 4, kinds * 2, 3).strikes())
            .values().stream().map(Strike::fault).toList();

    assertThat(inOrder.subList(0, kinds)).doesNotHaveDuplicates();
    assertThat(inOrder.subList(kinds, 2 * kinds)).doesNotHaveDuplicates();
  }

  @Test
  void momentsDifferButAreNeverTooLate() {
    Set<Duration> moments = new HashSet<>();
    for (Strike strike : SoakPlan.draw(300, 300, 11).strikes().values()) {
      assertThat(strike.delay()).isBetween(Duration.ZERO, strike.fault().latest());
      moments.add(strike.delay());
    }
    assertThat(moments).hasSizeGreaterThan(50);
    assertThat(Fault.TARGET_QEMU_KILLED_WHILE_CONVERGING.latest()).isZero();
  }

  @Test
  void aMigrationWithoutAFaultHasNone() {
    SoakPlan plan = SoakPlan.draw(10, 3, 1);
    long struck = 0;
    for (int number = 1; number <= 10; number++) {
      struck += plan.strike(number).isPresent() ? 1 : 0;
    }
    assertThat(struck).isEqualTo(3);
  }

  @Test
  void refusesNumbersThatCannotBe() {
    assertThatExceptionOfType(LabException.class).isThrownBy(() -> SoakPlan.draw(0, 0, 1));
    assertThatExceptionOfType(LabException.class).isThrownBy(() -> SoakPlan.draw(5, -1, 1));
    assertThatExceptionOfType(LabException.class).isThrownBy(() -> SoakPlan.draw(5, 6, 1));
  }
}
