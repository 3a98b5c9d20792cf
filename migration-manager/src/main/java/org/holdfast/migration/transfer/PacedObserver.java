package org.holdfast.migration.transfer;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;

/**
 * Sends on a server stream no faster than the client reads: {@link #send} waits while the transport
 * has enough to do, so that held data is never copied into a queue as large as itself.
 */
final class PacedObserver<T> {
  private final ServerCallStreamObserver<T> observer;
  private final Object ready = new Object();

  /** Must be made in the method that gRPC calls for the stream, before it returns. */
  PacedObserver(ServerCallStreamObserver<T> observer, Runnable onGone) {
    this.observer = observer;
    observer.setOnReadyHandler(this::wake);
    observer.setOnCancelHandler(
        () -> {
          wake();
          onGone.run();
        });
  }

  private void wake() {
    synchronized (ready) {
      ready.notifyAll();
    }
  }

  /**
   * Sends {@code message} once the transport takes it. Called from one thread at a time, never from
   * one of gRPC's.
   *
   * @throws io.grpc.StatusRuntimeException CANCELLED if the client is gone
   */
  void send(T message) {
    synchronized (ready) {
      while (!observer.isReady() && !observer.isCancelled()) {
        try {
          ready.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw Status.CANCELLED.withCause(e).asRuntimeException();
        }
      }
    }
    observer.onNext(message);
  }

  void complete() {
    observer.onCompleted();
  }

  void fail(Throwable error) {
    observer.onError(error);
  }
}
