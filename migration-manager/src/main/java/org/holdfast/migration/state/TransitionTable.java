package org.holdfast.migration.state;

import static org.holdfast.migration.state.MigrationEvent.*;
import static org.holdfast.migration.state.MigrationState.*;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which event leads from which state to which: the whole of it, in the order of a migration.
 *
 * <p>Before {@link MigrationEvent#CLAIMED} the way is back, after it the way is forward.
 */
public final class TransitionTable {

  /** One row. */
  public record Transition(MigrationState from, MigrationEvent event, MigrationState to) {
    @Override
    public String toString() {
      return from + " --" + event + "--> " + to;
    }
  }

  private static final List<Transition> ROWS =
      List.of(
          row(PREFLIGHT, PREFLIGHT_PASSED, PREPARING),
          // A migration converges first; a suspension takes over at once.
          row(PREPARING, JOB_STARTED, CONVERGING),
          row(PREPARING, TAKE_OVER_TRIGGERED, TAKING_OVER),
          row(PREPARING, REFUSED, FAILED),
          row(CONVERGING, TAKE_OVER_TRIGGERED, TAKING_OVER),
          row(CONVERGING, TAKE_OVER_MISSED, PLAIN),
          row(CONVERGING, CANCELLED, ROLLING_BACK),
          row(CONVERGING, JOB_FAILED, ROLLING_BACK),
          row(TAKING_OVER, TAKEN_OVER, HOLDING),
          row(TAKING_OVER, TAKE_OVER_MISSED, PLAIN),
          row(TAKING_OVER, CANCELLED, ROLLING_BACK),
          row(HOLDING, CLAIMED, GIVING_BACK),
          row(HOLDING, CANCELLED, ROLLING_BACK),
          row(HOLDING, JOB_FAILED, ROLLING_BACK),
          row(GIVING_BACK, RELEASED, COMPLETED),
          row(GIVING_BACK, CLAIM_BROKEN, HOLDING),
          row(GIVING_BACK, BROKEN, FAILED),
          row(PLAIN, JOB_COMPLETED, COMPLETED),
          row(PLAIN, JOB_FAILED, ROLLING_BACK),
          row(PLAIN, CANCELLED, ROLLING_BACK),
          row(ROLLING_BACK, RESTORED, ROLLED_BACK),
          row(ROLLING_BACK, BROKEN, FAILED));

  private static final Map<MigrationState, Map<MigrationEvent, MigrationState>> BY_STATE = index();

  private TransitionTable() {}

  private static Transition row(MigrationState from, MigrationEvent event, MigrationState to) {
    return new Transition(from, event, to);
  }

  private static Map<MigrationState, Map<MigrationEvent, MigrationState>> index() {
    Map<MigrationState, Map<MigrationEvent, MigrationState>> byState =
        new EnumMap<>(MigrationState.class);
    for (Transition row : ROWS) {
      if (row.from().isFinal()) {
        throw new IllegalStateException("a way out of a final state: " + row);
      }
      Map<MigrationEvent, MigrationState> ways =
          byState.computeIfAbsent(row.from(), s -> new EnumMap<>(MigrationEvent.class));
      if (ways.put(row.event(), row.to()) != null) {
        throw new IllegalStateException("two ways for one event: " + row);
      }
    }
    return byState;
  }

  /** All rows, in the order of a migration. */
  public static List<Transition> rows() {
    return ROWS;
  }

  /** Where {@code event} leads from {@code state}; empty if it has no place there. */
  public static Optional<MigrationState> next(MigrationState state, MigrationEvent event) {
    return Optional.ofNullable(BY_STATE.getOrDefault(state, Map.of()).get(event));
  }

  /** The table as a Mermaid state diagram, as it stands in ARCHITECTURE.md. */
  public static String diagram() {
    StringBuilder text = new StringBuilder("stateDiagram-v2\n  [*] --> PREFLIGHT\n");
    for (Transition row : ROWS) {
      text.append("  %s --> %s: %s%n".formatted(row.from(), row.to(), row.event()));
    }
    for (MigrationState state : MigrationState.values()) {
      if (state.isFinal()) {
        text.append("  %s --> [*]%n".formatted(state));
      }
    }
    return text.toString();
  }
}
