package org.holdfast.api;

import com.google.longrunning.CancelOperationRequest;
import com.google.longrunning.DeleteOperationRequest;
import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.ListOperationsRequest;
import com.google.longrunning.ListOperationsResponse;
import com.google.longrunning.Operation;
import com.google.longrunning.OperationsGrpc.OperationsImplBase;
import com.google.longrunning.WaitOperationRequest;
import com.google.protobuf.Empty;
import com.google.protobuf.util.Durations;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** google.longrunning.Operations over the {@link OperationRegistry} (AIP-151). */
public final class OperationsGrpcService extends OperationsImplBase {
  private static final int USUAL_PAGE = 50;
  private static final int LARGEST_PAGE = 500;

  private final OperationRegistry operations;

  public OperationsGrpcService(OperationRegistry operations) {
    this.operations = operations;
  }

  @Override
  public void getOperation(GetOperationRequest request, StreamObserver<Operation> caller) {
    Answers.give(caller, () -> operations.get(request.getName()).toOperation());
  }

  /** Filters: none, "done=true", "done=false". Newest first; ledgers are left out of lists. */
  @Override
  public void listOperations(
      ListOperationsRequest request, StreamObserver<ListOperationsResponse> caller) {
    Answers.give(
        caller,
        () -> {
          OperationRegistry.Page page =
              operations.list(
                  Paging.size(request.getPageSize(), USUAL_PAGE, LARGEST_PAGE),
                  request.getPageToken(),
                  done(request.getFilter()));
          ListOperationsResponse.Builder answer =
              ListOperationsResponse.newBuilder().setNextPageToken(page.nextToken());
          page.operations().forEach(found -> answer.addOperations(found.toSummary()));
          return answer.build();
        });
  }

  private static @Nullable Boolean done(String filter) {
    return switch (filter.replace(" ", "")) {
      case "" -> null;
      case "done=true" -> Boolean.TRUE;
      case "done=false" -> Boolean.FALSE;
      default ->
          throw new HoldfastException(
              ErrorCode.INVALID_ARGUMENT,
              "The filter \"" + filter + "\" is not one this service knows.",
              "Filter with done=true or done=false, or not at all.");
    };
  }

  @Override
  public void cancelOperation(CancelOperationRequest request, StreamObserver<Empty> caller) {
    Answers.give(
        caller,
        () -> {
          operations.get(request.getName()).cancel();
          return Empty.getDefaultInstance();
        });
  }

  @Override
  public void deleteOperation(DeleteOperationRequest request, StreamObserver<Empty> caller) {
    Answers.give(
        caller,
        () -> {
          operations.delete(request.getName());
          return Empty.getDefaultInstance();
        });
  }

  /** Answers when the operation is done or the time is over, whichever is first. */
  @Override
  public void waitOperation(WaitOperationRequest request, StreamObserver<Operation> caller) {
    OperationRecord operation;
    try {
      operation = operations.get(request.getName());
    } catch (HoldfastException unknown) {
      Answers.fail(caller, unknown);
      return;
    }
    CompletableFuture<OperationRecord> end = operation.finished();
    if (request.hasTimeout()) {
      long nanos = Math.max(0, Durations.toNanos(request.getTimeout()));
      end = end.completeOnTimeout(operation, nanos, TimeUnit.NANOSECONDS);
    }
    end.thenAccept(known -> Answers.give(caller, known::toOperation));
  }
}
