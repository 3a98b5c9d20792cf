package org.holdfast.api;

import io.grpc.stub.ServerCallStreamObserver;
import org.holdfast.proto.v1.OperationProgress;
import org.jspecify.annotations.Nullable;

/**
 * Sends an operation's progress to one caller at the caller's pace: who reads slowly misses states
 * in between, never the last one, and costs no memory.
 */
final class ProgressStream {
  private final ServerCallStreamObserver<OperationProgress> caller;
  private final OperationRecord operation;
  private final Object lock = new Object();
  private @Nullable OperationProgress waiting;
  private Execution.@Nullable Subscription subscription;
  private boolean ended;

  ProgressStream(ServerCallStreamObserver<OperationProgress> caller, OperationRecord operation) {
    this.caller = caller;
    this.operation = operation;
  }

  /** To be called while the call is being set up: gRPC takes handlers only then. */
  void start() {
    caller.setOnReadyHandler(this::send);
    caller.setOnCancelHandler(this::end);
    Execution.Subscription listening = operation.subscribe(this::offer);
    synchronized (lock) {
      subscription = listening;
      if (ended) {
        listening.close();
      }
    }
    // The report completes after the last progress; only then does the stream end, so that a
    // caller who saw its end finds the operation done.
    operation
        .finished()
        .thenAccept(
            done -> {
              synchronized (lock) {
                waiting = done.progress();
              }
              send();
            });
  }

  private void offer(OperationProgress progress) {
    synchronized (lock) {
      if (progress.getDone() || (waiting != null && waiting.getDone())) {
        return;
      }
      waiting = progress;
    }
    send();
  }

  private void send() {
    synchronized (lock) {
      if (ended || waiting == null || !caller.isReady()) {
        return;
      }
      OperationProgress next = waiting;
      waiting = null;
      caller.onNext(next);
      if (next.getDone()) {
        end();
        caller.onCompleted();
      }
    }
  }

  private void end() {
    synchronized (lock) {
      ended = true;
      if (subscription != null) {
        subscription.close();
      }
    }
  }
}
