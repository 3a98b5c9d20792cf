package org.holdfast.api;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.holdfast.proto.v1.MigrationReport;

/**
 * The one place where errors become gRPC statuses, and are read from them again.
 *
 * <p>A status carries google.rpc.ErrorInfo (domain "holdfast.org", the code's name as reason, the
 * remedy in its metadata) and, if the operation had begun, the {@link MigrationReport} up to there.
 */
public final class StatusMapping {
  /** ErrorInfo.domain of all our errors. */
  public static final String ERROR_DOMAIN = "holdfast.org";

  private static final String REMEDY = "remedy";

  private StatusMapping() {}

  /** An error as google.rpc.Status: in an Operation, or as a call's trailer. */
  public static com.google.rpc.Status toProto(Throwable error) {
    HoldfastException failure = asHoldfastException(error);
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder()
            .setCode(failure.code().grpcCode().value())
            .setMessage(failure.whatHappened())
            .addDetails(
                Any.pack(
                    ErrorInfo.newBuilder()
                        .setReason(failure.code().name())
                        .setDomain(ERROR_DOMAIN)
                        .putMetadata(REMEDY, failure.remedy())
                        .build()));
    failure.report().ifPresent(report -> status.addDetails(Any.pack(report)));
    return status.build();
  }

  /** An error as a gRPC call ends with it. */
  public static StatusRuntimeException toGrpc(Throwable error) {
    return StatusProto.toStatusRuntimeException(toProto(error));
  }

  /** What a failed Operation says, as the error it was. */
  public static HoldfastException fromProto(com.google.rpc.Status status) {
    Optional<ErrorInfo> info =
        detail(status, ErrorInfo.class).filter(found -> found.getDomain().equals(ERROR_DOMAIN));
    ErrorCode code =
        info.flatMap(found -> codeNamed(found.getReason()))
            .orElseGet(() -> codeFor(Status.fromCodeValue(status.getCode()).getCode()));
    String remedy =
        info.map(found -> found.getMetadataOrDefault(REMEDY, code.usualRemedy()))
            .orElse(code.usualRemedy());
    HoldfastException failure = new HoldfastException(code, status.getMessage(), remedy);
    return detail(status, MigrationReport.class).map(failure::withReport).orElse(failure);
  }

  /** What a call failed with, as the error it was, or the nearest to it. */
  public static HoldfastException fromGrpc(StatusRuntimeException error) {
    com.google.rpc.Status status = StatusProto.fromThrowable(error);
    if (status == null) {
      ErrorCode code = codeFor(error.getStatus().getCode());
      return new HoldfastException(code, String.valueOf(error.getMessage()), code.usualRemedy());
    }
    return fromProto(status);
  }

  /**
   * The error itself, unwrapped from futures; anything unforeseen is {@link ErrorCode#INTERNAL}.
   */
  public static HoldfastException asHoldfastException(Throwable error) {
    if (error instanceof HoldfastException failure) {
      return failure;
    }
    if (error instanceof StatusRuntimeException status) {
      return fromGrpc(status);
    }
    Throwable cause = error.getCause();
    if (cause != null
        && (error instanceof CompletionException || error instanceof ExecutionException)) {
      return asHoldfastException(cause);
    }
    return new HoldfastException(
        ErrorCode.INTERNAL,
        "Something happened that was not foreseen: " + error + ".",
        ErrorCode.INTERNAL.usualRemedy(),
        error);
  }

  private static Optional<ErrorCode> codeNamed(String reason) {
    return Arrays.stream(ErrorCode.values()).filter(code -> code.name().equals(reason)).findFirst();
  }

  /** For statuses that gRPC itself made: no connection, no permission, deadline. */
  private static ErrorCode codeFor(Status.Code code) {
    return switch (code) {
      case INVALID_ARGUMENT, OUT_OF_RANGE -> ErrorCode.INVALID_ARGUMENT;
      case PERMISSION_DENIED -> ErrorCode.PERMISSION_DENIED;
      case UNAUTHENTICATED -> ErrorCode.UNAUTHENTICATED;
      case CANCELLED -> ErrorCode.CANCELLED;
      case DEADLINE_EXCEEDED -> ErrorCode.TIMEOUT;
      case UNAVAILABLE -> ErrorCode.DAEMON_UNREACHABLE;
      case UNIMPLEMENTED -> ErrorCode.TARGET_DAEMON_INCOMPATIBLE;
      case RESOURCE_EXHAUSTED -> ErrorCode.NOT_ENOUGH_SPACE;
      case ABORTED -> ErrorCode.ALREADY_MIGRATING;
      case NOT_FOUND -> ErrorCode.OPERATION_NOT_FOUND;
      case OK, UNKNOWN, ALREADY_EXISTS, FAILED_PRECONDITION, INTERNAL, DATA_LOSS ->
          ErrorCode.INTERNAL;
    };
  }

  private static <M extends com.google.protobuf.Message> Optional<M> detail(
      com.google.rpc.Status status, Class<M> type) {
    for (Any any : status.getDetailsList()) {
      if (any.is(type)) {
        try {
          return Optional.of(any.unpack(type));
        } catch (InvalidProtocolBufferException broken) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }
}
