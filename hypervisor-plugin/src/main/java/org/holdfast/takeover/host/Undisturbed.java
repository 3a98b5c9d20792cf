package org.holdfast.takeover.host;

import java.util.function.Supplier;
import org.holdfast.linux.KernelException;
import org.holdfast.linux.Scheduling;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that others on this host's processors must not interrupt: between the last parked frame and
 * the first one that comes directly, each time slice of theirs lets frames overtake others, and
 * peers believe in losses and send again.
 */
final class Undisturbed {
  private static final Logger LOG = LoggerFactory.getLogger(Undisturbed.class);

  private Undisturbed() {}

  /** Does it on this thread, in real time where the kernel lets this process. Not for long work. */
  static <T> T run(Supplier<T> work) {
    boolean urgent = become();
    try {
      return work.get();
    } finally {
      if (urgent) {
        Scheduling.ordinary();
      }
    }
  }

  private static boolean become() {
    try {
      Scheduling.realTime();
      return true;
    } catch (KernelException e) {
      LOG.debug("The order of frames is left to an ordinary thread: {}", e.getMessage());
      return false;
    }
  }
}
