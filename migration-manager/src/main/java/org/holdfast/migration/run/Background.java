package org.holdfast.migration.run;

/** Work beside an operation, on a thread of its own; a daemon that ends does not wait for it. */
final class Background {
  /** What is done there. */
  interface Work {
    void run() throws InterruptedException;
  }

  private Background() {}

  /** Begins it; returns at once. */
  static void start(String name, Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
  }
}
