package org.holdfast.linux;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A platform thread that lives in one network namespace and runs what it is given, one after the
 * other. setns(2) acts on a thread, so whoever needs a socket in a namespace asks such a thread for
 * it; the socket may be used by any thread then.
 */
public final class NamespaceThread implements AutoCloseable {
  /** Something to do inside the namespace. */
  @FunctionalInterface
  public interface Task<T, E extends Exception> {
    T run() throws E;
  }

  private final BlockingQueue<FutureTask<?>> tasks = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile boolean closed;

  NamespaceThread(NetworkNamespace namespace, String threadName) {
    this.thread = new Thread(this::runTasks, threadName);
    thread.setDaemon(true);
    thread.start();
    try {
      call(
          () -> {
            namespace.enter();
            return Boolean.TRUE;
          });
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Runs {@code task} in the namespace and waits for its end. A task that calls again runs the
   * inner one at once.
   *
   * @throws E what the task threw, as it threw it
   * @throws CancellationException if this thread is closed
   */
  @SuppressWarnings("unchecked") // a Task throws E and unchecked exceptions, nothing else
  public <T, E extends Exception> T call(Task<T, E> task) throws E {
    if (Thread.currentThread() == thread) {
      return task.run();
    }
    FutureTask<T> future = new FutureTask<>(task::run);
    tasks.add(future);
    if (closed) {
      future.cancel(false);
    }
    try {
      return getUninterruptibly(future);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof Error error) {
        throw error;
      }
      throw (E) cause;
    }
  }

  /** Ends the thread after the task that is running; what still waits is cancelled. */
  @Override
  public void close() {
    closed = true;
    FutureTask<Boolean> wake = new FutureTask<>(() -> Boolean.TRUE);
    tasks.add(wake);
    if (Thread.currentThread() != thread) {
      joinUninterruptibly(thread);
    }
  }

  private void runTasks() {
    while (!closed) {
      FutureTask<?> task = takeUninterruptibly();
      if (closed) {
        task.cancel(false);
      } else {
        task.run();
      }
    }
    for (FutureTask<?> task = tasks.poll(); task != null; task = tasks.poll()) {
      task.cancel(false);
    }
  }

  private FutureTask<?> takeUninterruptibly() {
    while (true) {
      try {
        return tasks.take();
      } catch (InterruptedException e) {
        // A task's own affair: this thread ends by close() alone.
      }
    }
  }

  private static <T> T getUninterruptibly(FutureTask<T> future) throws ExecutionException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  static void joinUninterruptibly(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
