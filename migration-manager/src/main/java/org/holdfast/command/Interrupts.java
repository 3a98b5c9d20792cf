package org.holdfast.command;

import java.util.concurrent.atomic.AtomicInteger;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * What Ctrl-C (SIGINT) and SIGTERM do while an operation is under way. A shutdown hook would not
 * do: the JVM is then already ending, and a second Ctrl-C could not be heard.
 */
final class Interrupts implements AutoCloseable {
  private static final String[] SIGNALS = {"INT", "TERM"};

  private final SignalHandler[] before = new SignalHandler[SIGNALS.length];
  private final AtomicInteger heard = new AtomicInteger();

  /**
   * @param first what the first one does; called on a thread of its own
   * @param second what every further one does
   */
  Interrupts(Runnable first, Runnable second) {
    SignalHandler handler = signal -> (heard.incrementAndGet() == 1 ? first : second).run();
    for (int index = 0; index < SIGNALS.length; index++) {
      before[index] = Signal.handle(new Signal(SIGNALS[index]), handler);
    }
  }

  /** As it was before. */
  @Override
  public void close() {
    for (int index = 0; index < SIGNALS.length; index++) {
      Signal.handle(new Signal(SIGNALS[index]), before[index]);
    }
  }
}
