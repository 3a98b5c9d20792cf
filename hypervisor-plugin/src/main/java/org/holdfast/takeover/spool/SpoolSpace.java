package org.holdfast.takeover.spool;

import org.jspecify.annotations.Nullable;

/**
 * Room for spooled bytes, counted. A connection's room is part of its VM's, and that of the host's:
 * what is taken from a part is taken from the whole. Safe for use by several threads.
 */
public final class SpoolSpace {
  private final @Nullable SpoolSpace whole;
  private final long bound;
  private long taken;

  private SpoolSpace(@Nullable SpoolSpace whole, long bound) {
    this.whole = whole;
    this.bound = bound;
  }

  /** Room that is part of no other. */
  public static SpoolSpace of(long bound) {
    return new SpoolSpace(null, bound);
  }

  /** A part of this room, with a bound of its own in bytes. */
  public SpoolSpace part(long partBound) {
    return new SpoolSpace(this, partBound);
  }

  /**
   * Takes room for so many bytes.
   *
   * @return false, and nothing is taken, if this room or one it is part of has not that much left
   */
  boolean take(long bytes) {
    synchronized (this) {
      if (bytes > bound - taken) {
        return false;
      }
      taken += bytes;
    }
    if (whole == null || whole.take(bytes)) {
      return true;
    }
    forget(bytes);
    return false;
  }

  /** Counts what another process has taken already: it is there, whatever the bounds are now. */
  void takeBeyondBound(long bytes) {
    synchronized (this) {
      taken += bytes;
    }
    if (whole != null) {
      whole.takeBeyondBound(bytes);
    }
  }

  /** Gives back what was taken. */
  void giveBack(long bytes) {
    forget(bytes);
    if (whole != null) {
      whole.giveBack(bytes);
    }
  }

  private synchronized void forget(long bytes) {
    taken -= bytes;
  }

  /** How much is taken, bytes. */
  public synchronized long taken() {
    return taken;
  }
}
