package org.holdfast.api;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.holdfast.proto.v1.OperationProgress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An execution's progress and who listens to it: {@link Execution#subscribe} as the engine needs
 * it. Listeners hear every state once, in order, and never under a lock, so that a slow or a
 * failing one can neither block the engine's locks nor break an operation.
 */
public final class ProgressFeed {
  private static final Logger log = LoggerFactory.getLogger(ProgressFeed.class);

  private final Object lock = new Object();
  private final List<Listener> listeners = new ArrayList<>();
  private OperationProgress latest;

  public ProgressFeed(OperationProgress first) {
    latest = first;
  }

  /** The state published last. */
  public OperationProgress latest() {
    synchronized (lock) {
      return latest;
    }
  }

  /**
   * Tells all listeners. Once a state that is {@code done} was published, later ones are ignored.
   */
  public void publish(OperationProgress progress) {
    List<Listener> told;
    synchronized (lock) {
      if (latest.getDone()) {
        return;
      }
      latest = progress;
      told = List.copyOf(listeners);
      told.forEach(listener -> listener.waiting.add(progress));
      if (progress.getDone()) {
        listeners.clear();
      }
    }
    told.forEach(this::deliver);
  }

  /** As {@link Execution#subscribe}. */
  public Execution.Subscription subscribe(Consumer<OperationProgress> consumer) {
    Listener listener = new Listener(consumer);
    synchronized (lock) {
      listener.waiting.add(latest);
      if (!latest.getDone()) {
        listeners.add(listener);
      }
    }
    deliver(listener);
    return () -> {
      synchronized (lock) {
        listeners.remove(listener);
        listener.waiting.clear();
      }
    };
  }

  /** Whoever finds the listener idle empties its queue; others leave their state there. */
  private void deliver(Listener listener) {
    while (true) {
      OperationProgress next;
      synchronized (lock) {
        if (listener.busy || listener.waiting.isEmpty()) {
          return;
        }
        listener.busy = true;
        next = listener.waiting.remove();
      }
      try {
        listener.consumer.accept(next);
      } catch (RuntimeException broken) {
        log.warn("A listener of {} failed; it is told on.", next.getMigrationId(), broken);
      } finally {
        synchronized (lock) {
          listener.busy = false;
        }
      }
    }
  }

  private static final class Listener {
    private final Consumer<OperationProgress> consumer;
    private final Deque<OperationProgress> waiting = new ArrayDeque<>();
    private boolean busy;

    private Listener(Consumer<OperationProgress> consumer) {
      this.consumer = consumer;
    }
  }
}
