package org.holdfast.migration.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.holdfast.migration.state.TransitionTable.Transition;

/**
 * Where one migration or suspension stands. Safe for use by several threads; listeners are called
 * outside the lock, in the thread that fired the event.
 */
public final class MigrationStateMachine {
  private final List<Transition> history = new ArrayList<>();
  private final List<Consumer<Transition>> listeners = new CopyOnWriteArrayList<>();
  private MigrationState state;

  /** Before anything. */
  public MigrationStateMachine() {
    this(MigrationState.PREFLIGHT);
  }

  /** Where an operation stood when the process that ran it ended. */
  public MigrationStateMachine(MigrationState reached) {
    state = reached;
  }

  /** The state now. */
  public synchronized MigrationState state() {
    return state;
  }

  /** Every transition taken so far, oldest first. */
  public synchronized List<Transition> history() {
    return List.copyOf(history);
  }

  /** Calls {@code listener} after every transition from now on. */
  public void addListener(Consumer<Transition> listener) {
    listeners.add(listener);
  }

  /**
   * Takes the transition for {@code event}.
   *
   * @throws IllegalStateException if the event has no place in the present state: a defect of ours,
   *     told with the history that led to it
   */
  public MigrationState fire(MigrationEvent event) {
    return tryFire(event)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "%s has no place in %s; taken so far: %s"
                        .formatted(event, state(), history())));
  }

  /** As {@link #fire}, but empty where the event has no place: for events that race. */
  public Optional<MigrationState> tryFire(MigrationEvent event) {
    Transition taken;
    synchronized (this) {
      Optional<MigrationState> next = TransitionTable.next(state, event);
      if (next.isEmpty()) {
        return Optional.empty();
      }
      taken = new Transition(state, event, next.get());
      state = next.get();
      history.add(taken);
    }
    listeners.forEach(listener -> listener.accept(taken));
    return Optional.of(taken.to());
  }
}
