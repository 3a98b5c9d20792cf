package org.holdfast.api;

import com.google.longrunning.Operation;
import com.google.protobuf.Any;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.proto.v1.OperationProgress;

/** An execution as callers know it: a google.longrunning.Operation with a name (AIP-151). */
final class OperationRecord {
  /** Every operation's name begins with this. */
  static final String PREFIX = "operations/";

  private final long sequence;
  private final String requestId;
  private final Execution execution;
  private final CompletableFuture<OperationRecord> finished;

  /**
   * @param sequence later operations have greater ones
   * @param requestId the caller's (AIP-155), or empty
   */
  OperationRecord(long sequence, String requestId, Execution execution) {
    this.sequence = sequence;
    this.requestId = requestId;
    this.execution = execution;
    this.finished = execution.report().handle((report, failure) -> this);
  }

  long sequence() {
    return sequence;
  }

  String requestId() {
    return requestId;
  }

  String name() {
    return PREFIX + execution.migrationId();
  }

  DomainIdentity domain() {
    return execution.domain();
  }

  boolean isDone() {
    return execution.report().isDone();
  }

  /** Completes, never exceptionally, when the operation is done. */
  CompletableFuture<OperationRecord> finished() {
    return finished.copy();
  }

  Execution.Subscription subscribe(Consumer<OperationProgress> listener) {
    return execution.subscribe(listener);
  }

  /**
   * @throws HoldfastException {@link ErrorCode#TOO_LATE_TO_CANCEL}
   */
  void cancel() {
    if (!isDone() && !execution.cancel() && !isDone()) {
      throw new HoldfastException(
          ErrorCode.TOO_LATE_TO_CANCEL,
          "The operation on domain " + domain().name() + " can no longer be rolled back.");
    }
  }

  /** Where it stands; {@code done} exactly when the operation is. */
  OperationProgress progress() {
    OperationProgress now = execution.progress();
    boolean done = isDone();
    return now.getDone() == done ? now : now.toBuilder().setDone(done).build();
  }

  /** With all that is known of it: the whole report, once it is done. */
  Operation toOperation() {
    return toOperation(report -> report);
  }

  /** For lists: without the ledger, which may have ten thousand entries. */
  Operation toSummary() {
    return toOperation(report -> report.toBuilder().clearLedger().build());
  }

  private Operation toOperation(UnaryOperator<MigrationReport> told) {
    boolean done = isDone();
    OperationProgress progress = execution.progress().toBuilder().setDone(done).build();
    Operation.Builder operation =
        Operation.newBuilder().setName(name()).setMetadata(Any.pack(progress)).setDone(done);
    if (done) {
      execution
          .report()
          .handle(
              (report, failure) ->
                  failure == null
                      ? operation.setResponse(Any.pack(told.apply(report)))
                      : operation.setError(StatusMapping.toProto(told(failure, told))))
          .join();
    }
    return operation.build();
  }

  private static HoldfastException told(Throwable error, UnaryOperator<MigrationReport> told) {
    HoldfastException failure = StatusMapping.asHoldfastException(error);
    return failure.report().map(told).map(failure::withReport).orElse(failure);
  }

  /** An operation that was done before it had a name: the answer to a validation (AIP-163). */
  static Operation validated(MigrationReport remarks) {
    return Operation.newBuilder().setDone(true).setResponse(Any.pack(remarks)).build();
  }
}
