package org.holdfast.migration.converge;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.holdfast.api.TakeoverMoment;
import org.jspecify.annotations.Nullable;

/**
 * Says when to take the connections of one migration over, and how fast memory may be sent before.
 *
 * <p>From the takeover to the switchover the guest runs and does not hear its peers, a brownout:
 * its length is that of the passes that still follow. So the later the takeover the better, for a
 * guest whose passes get shorter; where they do not, waiting for more would be waiting for ever.
 * But once little remains QEMU may switch over before the copies stand, and then they never will.
 * What a pass leaves behind is not known before its end, which is why a job is slowed down there:
 * so gently that the next pass, however short, is seen in time.
 *
 * <p>Nothing of this is certain: pages of zeros are sent in no time at any rate. So unless an
 * operator wants it otherwise, the takeover comes when the first pass nears its end: of a guest at
 * rest, for which little follows, and of one that writes so much that its passes get no shorter.
 * Only where much follows and gets less is it put off until little is left.
 */
public final class TakeoverTrigger {
  private static final long MEBIBYTE = 1L << 20;

  /**
   * Less than this, or than a fast link carries in 100 ms, is sent before it is looked at again.
   */
  private static final long NEAR_END_BYTES = 48 * MEBIBYTE;

  private static final int NEAR_END_LOOKS_PER_SECOND = 10;

  /**
   * Pages of zeros pass as fast as memory is read, 25 GB/s have been seen: so much of them is gone
   * before a look has led to anything. To begin so early costs nothing if zeros it is.
   */
  private static final long ZEROS_UNSEEN_BYTES = 256 * MEBIBYTE;

  /** What passes so many times as fast as memory has ever been sent is zeros. */
  private static final int ZEROS_FASTER = 2;

  /** Where a link is slow, its rate says nothing of zeros. */
  private static final long SLOWEST_ZEROS = 512 * MEBIBYTE;

  /** A small guest's pass must not near its end at its very begin. */
  private static final int NEAR_END_FRACTION = 8;

  /** What remains of a pass is sent in about this time, however little it becomes. */
  private static final double LANDING_SECONDS = 0.3;

  /**
   * Pages of zeros are sent in no time at any rate: where the rest of a pass is nothing else, the
   * next one has begun before the next look, and is not to be over by then.
   */
  private static final long FASTEST_LANDING = 24 * MEBIBYTE;

  /** At this rate nothing ends unseen. */
  private static final long SLOWEST_LANDING = 4 * MEBIBYTE;

  /** In this time QEMU itself would switch over. */
  private static final Duration DOWNTIME = Duration.ofMillis(300);

  /** A pass that is longer than this part of the one before gets nowhere. */
  private static final double SHRINKING = 0.7;

  private static final int MOST_STANDSTILLS = 3;

  /** Where nobody asked for the latest moment. */
  private static final int MOST_STANDSTILLS_PUT_OFF = 1;

  /** What is measured of the guest while the job is prepared takes a second. */
  private static final Duration MEASURED = Duration.ofMillis(1200);

  private static final Duration LOOK_INTERVAL = Duration.ofMillis(10);

  /** So much passes between two looks if it is nothing but zeros; then it is looked at closely. */
  private static final long SOON_OVER_BYTES = 1L << 30;

  private static final Duration CLOSE_LOOK_INTERVAL = Duration.ofMillis(1);

  /** The VM is on the target by then, unless its memory does not converge. */
  public static final Duration LONGEST_STANDING = Duration.ofSeconds(1);

  /** What to do now. */
  public enum Action {
    /** Memory is sent as fast as the operator allows. */
    GO_ON,
    SLOW_DOWN,
    TAKE_OVER
  }

  /**
   * @param bytesPerSecond how fast memory may be sent; only with SLOW_DOWN, else 0
   */
  public record Advice(Action action, long bytesPerSecond) {
    private static final Advice GO_ON = new Advice(Action.GO_ON, 0);
    private static final Advice TAKE_OVER = new Advice(Action.TAKE_OVER, 0);
  }

  private final TakeoverMoment moment;
  private final Supplier<OptionalLong> measuredDirtyRate;
  private @Nullable JobSample last;
  private long fastest;
  private int iteration;
  private Duration passBegin = Duration.ZERO;
  private long passBytes;
  private double dirtyBytesPerSecond;
  private int standstills;
  private boolean asked;
  private boolean putOff;

  /**
   * @param moment as the operator wants it
   * @param measuredDirtyRate how many bytes/s the guest writes to, if that is known before the
   *     first pass ends; asked once at most
   */
  public TakeoverTrigger(TakeoverMoment moment, Supplier<OptionalLong> measuredDirtyRate) {
    this.moment = moment;
    this.measuredDirtyRate = measuredDirtyRate;
  }

  /**
   * Asked at each look.
   *
   * @param look empty if the job tells nothing yet
   */
  public Advice advise(Optional<JobSample> look) {
    Optional<JobSample> told = look.filter(job -> job.memoryTotalBytes() > 0);
    Advice advice = told.map(this::advise).orElse(Advice.GO_ON);
    last = told.orElse(last);
    return advice;
  }

  /** When to look again. */
  public Duration untilNextLook() {
    boolean far = last != null && last.memoryRemainingBytes() > SOON_OVER_BYTES;
    return far ? LOOK_INTERVAL : CLOSE_LOOK_INTERVAL;
  }

  /**
   * How long the owners of sockets go on standing after the takeover, at most. Where the VM is on
   * the target at once they need not be stopped again there, have dirtied no memory, and have
   * written nothing that the fence stopped. An operator who has connections taken over long before
   * wants applications to run meanwhile.
   */
  public Duration standing() {
    return switch (moment.kind()) {
      case AUTO, LATE -> LONGEST_STANDING;
      case EARLY, AT_ITERATION -> Duration.ZERO;
    };
  }

  private Advice advise(JobSample job) {
    fastest = Math.max(fastest, job.bytesPerSecond());
    if (job.iteration() > iteration) {
      begin(job);
    }
    boolean due =
        switch (moment.kind()) {
          case EARLY -> true;
          case AT_ITERATION -> job.iteration() >= moment.iteration() || endsSoon(job);
          case AUTO -> isDue(job);
          case LATE -> isDueLate(job, MOST_STANDSTILLS);
        };
    if (due) {
      return Advice.TAKE_OVER;
    }
    return isNearEnd(job) && !isNextPassLong() ? slowDown(job) : Advice.GO_ON;
  }

  private void begin(JobSample job) {
    if (iteration > 0) {
      standstills = job.memoryRemainingBytes() > SHRINKING * passBytes ? standstills + 1 : 0;
      double seconds = Math.max(1, job.elapsed().minus(passBegin).toMillis()) / 1000.0;
      dirtyBytesPerSecond = job.memoryRemainingBytes() / seconds;
    }
    passBegin = job.elapsed();
    iteration = job.iteration();
    passBytes = job.memoryRemainingBytes();
  }

  private boolean isDue(JobSample job) {
    if (job.iteration() > 1) {
      return !putOff || isDueLate(job, MOST_STANDSTILLS_PUT_OFF);
    }
    if (!asked && job.elapsed().compareTo(MEASURED) > 0) {
      asked = true; // long before the pass ends: libvirt may take its time
      dirtyBytesPerSecond = measuredDirtyRate.get().orElse(0);
    }
    putOff = job.iteration() == 1 && isWorthPuttingOff(job);
    return (isNearEnd(job) && !putOff) || mayVanish(job);
  }

  /** Whether the next pass is long, and those that follow it are shorter. */
  private boolean isWorthPuttingOff(JobSample job) {
    double written = dirtyBytesPerSecond * job.elapsed().toMillis() / 1000;
    Duration next = time((long) Math.min(written, job.memoryTotalBytes()));
    return dirtyBytesPerSecond < SHRINKING * fastest && next.compareTo(DOWNTIME) > 0;
  }

  private boolean isDueLate(JobSample job, int mostStandstills) {
    if (iteration <= 1) {
      return isNearEnd(job) && job.elapsed().compareTo(DOWNTIME) <= 0;
    }
    return passLength().compareTo(DOWNTIME) <= 0 || standstills >= mostStandstills;
  }

  /** A guest that rests would be through with all passes before the one that was named. */
  private boolean endsSoon(JobSample job) {
    return job.iteration() > 1 && passBytes <= SLOWEST_LANDING;
  }

  private Duration passLength() {
    return time(passBytes);
  }

  /** As fast as it went at best; a job that tells no rate is over in no time. */
  private Duration time(long bytes) {
    return fastest == 0 ? Duration.ZERO : Duration.ofMillis(1000 * bytes / fastest);
  }

  /**
   * What is dirtied while this pass is sent is not over before it is looked at: slowing down would
   * only make it more.
   */
  private boolean isNextPassLong() {
    return dirtyBytesPerSecond * passLength().toMillis() / 1000 > unseenBytes();
  }

  private long unseenBytes() {
    return Math.max(NEAR_END_BYTES, fastest / NEAR_END_LOOKS_PER_SECOND);
  }

  /** If zeros are passing, what remains may be gone at the next look. */
  private boolean mayVanish(JobSample job) {
    JobSample before = last;
    if (before == null || job.memoryRemainingBytes() > ZEROS_UNSEEN_BYTES) {
      return false;
    }
    long passed = before.memoryRemainingBytes() - job.memoryRemainingBytes();
    long millis = Math.max(1, job.elapsed().minus(before.elapsed()).toMillis());
    return passed * 1000 / millis > ZEROS_FASTER * Math.max(fastest, SLOWEST_ZEROS);
  }

  private boolean isNearEnd(JobSample job) {
    long near = Math.min(unseenBytes(), job.memoryTotalBytes() / NEAR_END_FRACTION);
    return job.memoryRemainingBytes() <= near;
  }

  private static Advice slowDown(JobSample job) {
    long rate = (long) (job.memoryRemainingBytes() / LANDING_SECONDS);
    long bounded = Math.max(SLOWEST_LANDING, Math.min(rate, FASTEST_LANDING));
    return new Advice(Action.SLOW_DOWN, bounded);
  }
}
