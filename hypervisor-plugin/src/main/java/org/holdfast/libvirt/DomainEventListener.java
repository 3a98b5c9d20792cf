package org.holdfast.libvirt;

import java.util.UUID;

/**
 * Receives what happens to domains, in order, on one thread that all listeners of a connection
 * share: an event waits until the one before is done with. What is thrown here is logged.
 */
public interface DomainEventListener {

  /** A domain was started, suspended, resumed, stopped ... */
  void lifecycle(LifecycleEvent event);

  /**
   * A migration begins another pass over the memory.
   *
   * @param iteration from 1
   */
  default void migrationIteration(UUID domain, int iteration, long nanoTime) {}

  /** A job is over; its statistics include QEMU's own downtime. */
  default void jobCompleted(UUID domain, JobStatistics statistics, long nanoTime) {}

  /** The connection to libvirtd is lost; no event comes any more. */
  default void connectionLost(String reason) {}
}
