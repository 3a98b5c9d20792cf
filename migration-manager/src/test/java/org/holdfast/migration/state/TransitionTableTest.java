package org.holdfast.migration.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.holdfast.migration.state.TransitionTable.Transition;
import org.junit.jupiter.api.Test;

class TransitionTableTest {

  @Test
  void everyStateCanBeReachedAndEveryUnfinishedOneCanEnd() {
    Set<MigrationState> reached = EnumSet.of(MigrationState.PREFLIGHT);
    Deque<MigrationState> open = new ArrayDeque<>(reached);
    while (!open.isEmpty()) {
      MigrationState from = open.remove();
      TransitionTable.rows().stream()
          .filter(row -> row.from() == from)
          .map(Transition::to)
          .filter(reached::add)
          .forEach(open::add);
    }
    assertThat(reached).containsExactlyInAnyOrder(MigrationState.values());
    for (MigrationState state : MigrationState.values()) {
      assertThat(TransitionTable.rows().stream().anyMatch(row -> row.from() == state))
          .as("a way out of " + state)
          .isEqualTo(!state.isFinal());
    }
  }

  /** Whoever changes the table changes the picture: it is {@link TransitionTable#diagram}. */
  @Test
  void theDiagramInTheArchitectureIsTheTable() throws IOException {
    assertThat(Files.readString(Path.of("..", "ARCHITECTURE.md")))
        .contains(TransitionTable.diagram());
  }

  @Test
  void onceClaimedNothingRollsBack() {
    assertThat(TransitionTable.rows())
        .filteredOn(row -> row.from() == MigrationState.GIVING_BACK)
        .extracting(Transition::to)
        .doesNotContain(MigrationState.ROLLING_BACK);
  }

  @Test
  void aTakeoverIsNeverHeldWithoutHavingBeenTriggered() {
    assertThat(TransitionTable.rows())
        .filteredOn(row -> row.to() == MigrationState.HOLDING)
        .extracting(Transition::from)
        .containsExactlyInAnyOrder(MigrationState.TAKING_OVER, MigrationState.GIVING_BACK);
  }

  @Test
  void anEventOutOfPlaceIsToldWithTheHistory() {
    MigrationStateMachine machine = new MigrationStateMachine();
    machine.fire(MigrationEvent.PREFLIGHT_PASSED);
    assertThatThrownBy(() -> machine.fire(MigrationEvent.RELEASED))
        .hasMessageContaining("RELEASED has no place in PREPARING")
        .hasMessageContaining("PREFLIGHT --PREFLIGHT_PASSED--> PREPARING");
    assertThat(machine.state()).isEqualTo(MigrationState.PREPARING);
    assertThat(machine.tryFire(MigrationEvent.RELEASED)).isEmpty();
  }

  @Test
  void listenersHearEveryTransitionOnce() {
    MigrationStateMachine machine = new MigrationStateMachine();
    List<Transition> heard = new ArrayList<>();
    machine.addListener(heard::add);
    machine.fire(MigrationEvent.PREFLIGHT_PASSED);
    machine.fire(MigrationEvent.TAKE_OVER_TRIGGERED);
    machine.fire(MigrationEvent.TAKEN_OVER);
    assertThat(heard).isEqualTo(machine.history()).hasSize(3);
  }
}
