package org.holdfast.takeover.host;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says the same thing at once and after 50, 200 and 1000 ms: frames get lost, switches boot. */
final class Announcements {
  private static final Logger LOG = LoggerFactory.getLogger(Announcements.class);
  private static final long[] DELAYS_MILLIS = {0, 50, 200, 1000};

  private final ScheduledExecutorService clock;

  /** Which round of announcements is still to be heard. */
  private volatile int round;

  Announcements(ScheduledExecutorService clock) {
    this.clock = clock;
  }

  /** Begins; does not wait. What was begun before stops. */
  synchronized void begin(Runnable announcing) {
    int mine = ++round;
    for (long delay : DELAYS_MILLIS) {
      clock.schedule(() -> announce(mine, announcing), delay, TimeUnit.MILLISECONDS);
    }
  }

  /** Returns when nothing is being said, and nothing of what was begun will be. */
  synchronized void stop() {
    round++;
  }

  private synchronized void announce(int mine, Runnable announcing) {
    if (mine != round) {
      return;
    }
    try {
      announcing.run();
    } catch (RuntimeException e) {
      // Losing one announcement must not cost the following ones.
      LOG.warn("An announcement could not be sent: {}", e.getMessage());
    }
  }
}
