package org.holdfast.libvirt;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.holdfast.libvirt.binding.NativeConnection;
import org.holdfast.libvirt.binding.NativeEvents;
import org.holdfast.libvirt.binding.NativeFailure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to the domains of a connection. Events are taken from libvirt's event loop at once,
 * and listeners run on a thread of their own: a listener may call libvirt, and does not hold up the
 * keepalive.
 */
public final class LifecycleEvents {
  private static final Logger LOG = LoggerFactory.getLogger(LifecycleEvents.class);
  private static final String[] CLOSE_REASONS = {
    "an error on the connection", "libvirtd closed it", "libvirtd does not answer", "closed here"
  };

  private final List<DomainEventListener> listeners = new CopyOnWriteArrayList<>();
  private final ExecutorService dispatcher =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "libvirt-events");
            thread.setDaemon(true);
            return thread;
          });
  private final NativeEvents registration;

  private LifecycleEvents(NativeConnection connection) throws NativeFailure {
    this.registration = NativeEvents.register(connection, new Receiver());
  }

  static LifecycleEvents register(NativeConnection connection) throws NativeFailure {
    LifecycleEvents events = new LifecycleEvents(connection);
    try {
      connection.onClose(events::closed);
    } catch (NativeFailure unsupported) {
      LOG.debug("this libvirt driver does not report a lost connection", unsupported);
    }
    return events;
  }

  /**
   * Adds a listener. Events that came before are not repeated: look at the state after subscribing.
   *
   * @return ends the subscription; an event already under way may still arrive
   */
  public Subscription subscribe(DomainEventListener listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** A listener's stay. */
  public interface Subscription extends AutoCloseable {
    @Override
    void close();
  }

  void close() {
    registration.deregister();
    dispatcher.shutdown();
  }

  private void closed(int reason) {
    String words =
        reason >= 0 && reason < CLOSE_REASONS.length ? CLOSE_REASONS[reason] : "reason " + reason;
    dispatch(listener -> listener.connectionLost(words));
  }

  private void dispatch(Consumer<DomainEventListener> event) {
    try {
      dispatcher.execute(() -> listeners.forEach(listener -> deliver(event, listener)));
    } catch (RejectedExecutionException closing) {
      LOG.debug("an event came while the connection was being closed", closing);
    }
  }

  private static void deliver(Consumer<DomainEventListener> event, DomainEventListener listener) {
    try {
      event.accept(listener);
    } catch (RuntimeException failure) {
      LOG.error("a listener of libvirt's events failed", failure);
    }
  }

  /** Called by libvirt's event loop. */
  private final class Receiver implements NativeEvents.Receiver {
    @Override
    public void lifecycle(String uuid, String name, int event, int detail) {
      LifecycleEvent lifecycle =
          LifecycleEvent.of(UUID.fromString(uuid), name, event, detail, System.nanoTime());
      dispatch(listener -> listener.lifecycle(lifecycle));
    }

    @Override
    public void migrationIteration(String uuid, String name, int iteration) {
      UUID domain = UUID.fromString(uuid);
      long nanoTime = System.nanoTime();
      dispatch(listener -> listener.migrationIteration(domain, iteration, nanoTime));
    }

    @Override
    public void jobCompleted(String uuid, String name, Map<String, Object> parameters) {
      UUID domain = UUID.fromString(uuid);
      long nanoTime = System.nanoTime();
      JobStatistics statistics = JobStatistics.of(JobStatistics.JobKind.COMPLETED, parameters);
      dispatch(listener -> listener.jobCompleted(domain, statistics, nanoTime));
    }
  }
}
