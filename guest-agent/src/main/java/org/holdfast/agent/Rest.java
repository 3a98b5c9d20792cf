package org.holdfast.agent;

import java.time.Duration;
import org.holdfast.linux.LinuxTcpSockets;
import org.holdfast.linux.NativeHeap;
import org.holdfast.proto.agent.v1.HostMessage;

/**
 * When the agent has nothing to do, what its last work needed is given back to the guest: queues of
 * connections lie outside the Java heap, where nothing would urge the collector. For the agent's
 * one thread.
 */
final class Rest {
  private static final Duration BEFORE_COLLECTING = Duration.ofSeconds(3);

  /** What the collector found is freed by a thread of its own. */
  private static final Duration BEFORE_TRIMMING = Duration.ofMillis(500);

  private enum Step {
    RESTED,
    COLLECT,
    TRIM
  }

  private Step next = Step.RESTED;
  private long due;

  /** There is work again. */
  void disturb(HostMessage message) {
    switch (message.getBodyCase()) {
      case READY, EXPORT, CONFORM, CONFORM_COMMIT, RELEASE, FORGET ->
          plan(Step.COLLECT, BEFORE_COLLECTING);
      default -> {}
    }
  }

  /**
   * Does what is due.
   *
   * @param busy whether connections are held, or about to be: nothing is done then
   */
  void look(boolean busy) {
    if (next == Step.RESTED || System.nanoTime() - due < 0) {
      return;
    }
    if (busy) {
      plan(Step.COLLECT, BEFORE_COLLECTING);
    } else if (next == Step.COLLECT) {
      LinuxTcpSockets.forgetMemory();
      System.gc();
      plan(Step.TRIM, BEFORE_TRIMMING);
    } else {
      NativeHeap.trim();
      next = Step.RESTED;
    }
  }

  private void plan(Step step, Duration delay) {
    next = step;
    due = System.nanoTime() + delay.toNanos();
  }
}
