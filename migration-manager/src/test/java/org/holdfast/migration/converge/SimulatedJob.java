package org.holdfast.migration.converge;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.holdfast.api.TakeoverMoment;
import org.holdfast.migration.converge.TakeoverTrigger.Action;
import org.holdfast.migration.converge.TakeoverTrigger.Advice;

/**
 * QEMU's copying of a guest's memory, held back to a downtime of 1 ms, in steps of a millisecond.
 * At the end of a pass it sends what was dirtied meanwhile, or switches over if that is next to
 * nothing.
 *
 * @param total MiB of the guest
 * @param rate MiB/s of the link
 * @param dirtied MiB/s that the guest writes to
 * @param workingSet MiB it writes to again and again
 */
record SimulatedJob(int total, int rate, int dirtied, int workingSet) {
  private static final long MEBIBYTE = 1L << 20;
  private static final int LOOK_MILLIS = 25;
  private static final int MOST_MILLIS = 600_000;

  /**
   * The takeover.
   *
   * @param after since the job began
   * @param brownout how long sending the rest takes, if nothing more is dirtied
   */
  record Taken(Duration after, int iteration, Duration brownout) {}

  /** Empty if QEMU was faster, or it never came. */
  Optional<Taken> takenOver(TakeoverMoment moment) {
    return takenOver(new TakeoverTrigger(moment, () -> OptionalLong.of(dirtied * MEBIBYTE)));
  }

  /** The same where nobody has measured how much the guest writes to. */
  Optional<Taken> takenOverUnmeasured(TakeoverMoment moment) {
    return takenOver(new TakeoverTrigger(moment, OptionalLong::empty));
  }

  /** The same. */
  Optional<Taken> takenOver(TakeoverTrigger trigger) {
    double remaining = total;
    double dirty = 0;
    double speed = rate;
    int iteration = 1;
    for (int millis = 0; millis < MOST_MILLIS; millis++) {
      if (millis % LOOK_MILLIS == 0) {
        Advice advice = trigger.advise(Optional.of(look(millis, remaining, iteration, speed)));
        if (advice.action() == Action.TAKE_OVER) {
          return Optional.of(
              new Taken(Duration.ofMillis(millis), iteration, time(remaining + dirty)));
        }
        boolean slow = advice.action() == Action.SLOW_DOWN;
        speed = slow ? Math.min(rate, (double) advice.bytesPerSecond() / MEBIBYTE) : rate;
      }
      remaining -= speed / 1000;
      dirty = Math.min(workingSet, dirty + dirtied / 1000.0);
      if (remaining <= 0) {
        if (dirty <= speed / 1000) {
          return Optional.empty();
        }
        remaining = dirty;
        dirty = 0;
        iteration++;
      }
    }
    return Optional.empty();
  }

  private JobSample look(int millis, double remaining, int iteration, double speed) {
    return new JobSample(
        Duration.ofMillis(millis),
        total * MEBIBYTE,
        (long) (remaining * MEBIBYTE),
        iteration,
        (long) (speed * MEBIBYTE));
  }

  private Duration time(double mebibytes) {
    return Duration.ofMillis((long) (1000 * mebibytes / rate));
  }
}
