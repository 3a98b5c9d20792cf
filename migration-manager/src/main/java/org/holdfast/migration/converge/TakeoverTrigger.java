package org.holdfast.migration.converge;

import java.util.Optional;

/**
 * Says when memory has converged far enough to take the connections over.
 *
 * <p>Two wishes pull apart. The later the takeover, the shorter the time in which the guest does
 * not hear its peers; but once little remains, QEMU may switch over before the copies stand, and
 * then they never will. So the job is slowed down while it nears the end of a pass, and the
 * takeover begins when what remains is about what a takeover's length lets through.
 *
 * <p>The end of the first pass is taken whether or not the guest converges after it: for a guest
 * whose peers write faster than the link carries, waiting for more would be waiting for ever.
 */
public final class TakeoverTrigger {
  private static final long MEBIBYTE = 1L << 20;

  /** What remains when the takeover begins: enough that QEMU is not done before it. */
  private static final long DUE_BYTES = 48 * MEBIBYTE;

  /** A small guest's pass must not be due at its very begin. */
  private static final int DUE_FRACTION = 8;

  private TakeoverTrigger() {}

  /** Whether to take over now; empty says that the job tells nothing yet. */
  public static boolean isDue(Optional<JobSample> sample) {
    return sample.map(TakeoverTrigger::isDue).orElse(false);
  }

  private static boolean isDue(JobSample job) {
    if (job.memoryTotalBytes() <= 0) {
      return false;
    }
    long due = Math.min(DUE_BYTES, job.memoryTotalBytes() / DUE_FRACTION);
    return job.iteration() > 1 || job.memoryRemainingBytes() <= due;
  }
}
