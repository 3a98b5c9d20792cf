package org.holdfast.takeover.host;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.holdfast.takeover.ParkedFrame;

/**
 * Passes frames on no faster than a guest can take them up. What came over seconds and arrives at
 * once would fill the receive buffer of the guest's socket, which drops the rest: Linux's ordinary
 * one takes about 160 short datagrams. So the first ones pass at once, the others in small lots.
 * Not for frames of connections: those are bounded by the window.
 */
final class Trickle implements AutoCloseable {
  /** Passed on at once, together. */
  private static final int AT_ONCE = 48;

  /**
   * Afterwards, each interval: 1,000 frames a second. An interpreter on an emulated processor that
   * has only just woken takes up little more.
   */
  private static final int LOT = 4;

  private static final long INTERVAL_MILLIS = 4;

  /** A long queue goes faster: it is half empty after as many intervals, a tenth of a second. */
  private static final int PATIENCE = 36;

  /** What is left then goes at once. */
  private static final long LONGEST_CLOSE_MILLIS = 1000;

  private final ScheduledExecutorService clock;
  private final Consumer<ParkedFrame> receiver;
  private final Deque<ParkedFrame> waiting = new ArrayDeque<>();
  private int passed;

  /**
   * Begins with all credit.
   *
   * @param receiver called by one thread at a time, in the order of {@link #add}
   */
  Trickle(ScheduledExecutorService clock, Consumer<ParkedFrame> receiver) {
    this.clock = clock;
    this.receiver = receiver;
  }

  /** Passes a frame on, now or soon. */
  synchronized void add(ParkedFrame frame) {
    if (waiting.isEmpty() && passed < AT_ONCE) {
      passed++;
      receiver.accept(frame);
      return;
    }
    waiting.add(frame);
    if (waiting.size() == 1) {
      passLotLater();
    }
  }

  private void passLotLater() {
    clock.schedule(this::passLot, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
  }

  private synchronized void passLot() {
    pass(Math.max(LOT, waiting.size() / PATIENCE));
    if (waiting.isEmpty()) {
      notifyAll();
    } else {
      passLotLater();
    }
  }

  private void pass(int most) {
    for (int i = 0; i < most && !waiting.isEmpty(); i++) {
      receiver.accept(waiting.remove());
    }
  }

  /** Returns when nothing waits any more; after a second the rest goes at once. */
  @Override
  public synchronized void close() {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LONGEST_CLOSE_MILLIS);
    try {
      long left = LONGEST_CLOSE_MILLIS;
      while (!waiting.isEmpty() && left > 0) {
        wait(left);
        left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    pass(waiting.size());
  }
}
