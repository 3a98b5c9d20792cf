package org.holdfast.lab;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What happens at Ctrl-C: the work is interrupted, and only when it has let go is cleaned up, so
 * that nothing is removed under the hands of a running command.
 */
public final class Interruption {
  private static final int PATIENCE_SECONDS = 10;

  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread hook;
  private volatile boolean came;

  /** To be made on the thread that does the work. */
  public Interruption(Runnable cleanUp) {
    Thread worker = Thread.currentThread();
    this.hook = new Thread(() -> interrupt(worker, cleanUp), "clean up");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void interrupt(Thread worker, Runnable cleanUp) {
    came = true;
    worker.interrupt();
    try {
      over.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    cleanUp.run();
  }

  /** Whether it has come. */
  public boolean came() {
    return came;
  }

  /** The work is done or given up: from here on there is nothing to interrupt. */
  public void workIsOver() {
    over.countDown();
    if (!came) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        came = true; // Ctrl-C came in this very moment: the hook runs and cleans up
      }
    }
  }
}
