package org.holdfast.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StatusMappingTest {

  /**
   * What an orchestrator may do on seeing the code; a new constant does not compile unless added.
   */
  private static Status.Code agreed(ErrorCode code) {
    return switch (code) {
      case INVALID_ARGUMENT, INVALID_DESTINATION_URI, SAME_HOST -> Status.Code.INVALID_ARGUMENT;
      case PERMISSION_DENIED -> Status.Code.PERMISSION_DENIED;
      case UNAUTHENTICATED -> Status.Code.UNAUTHENTICATED;
      case DOMAIN_NOT_FOUND, NOTHING_HELD, OPERATION_NOT_FOUND -> Status.Code.NOT_FOUND;
      case DOMAIN_NOT_RUNNING,
          DOMAIN_NOT_SUSPENDED,
          UNSUPPORTED_NETWORK_TYPE,
          BRIDGE_MISSING_ON_TARGET,
          CONNECTIONS_NOT_KEEPABLE,
          LIBVIRT_REFUSED,
          KERNEL_TOO_OLD,
          AGENT_ABSENT,
          AGENT_TOO_OLD,
          NO_DAEMON_ON_TARGET,
          TARGET_DAEMON_INCOMPATIBLE,
          TARGET_REFUSED,
          CLAIM_REFUSED,
          JOURNAL_FAILED,
          OPERATION_NOT_DONE,
          TOO_LATE_TO_CANCEL ->
          Status.Code.FAILED_PRECONDITION;
      case ALREADY_MIGRATING -> Status.Code.ABORTED;
      case DAEMON_UNREACHABLE,
          LIBVIRT_UNREACHABLE,
          AGENT_SILENT,
          TARGET_UNREACHABLE,
          HOLDER_UNREACHABLE,
          SHUTTING_DOWN ->
          Status.Code.UNAVAILABLE;
      case NOT_ENOUGH_SPACE -> Status.Code.RESOURCE_EXHAUSTED;
      case CANCELLED -> Status.Code.CANCELLED;
      case TIMEOUT -> Status.Code.DEADLINE_EXCEEDED;
      case ROLL_BACK_FAILED -> Status.Code.DATA_LOSS;
      case AGENT_FAILED, TAKEOVER_FAILED, MIGRATION_FAILED, GIVE_BACK_FAILED, INTERNAL ->
          Status.Code.INTERNAL;
    };
  }

  @ParameterizedTest
  @EnumSource
  void everyCodeHasItsStatusItsReasonAndAWayOut(ErrorCode code) throws Exception {
    com.google.rpc.Status status =
        StatusMapping.toProto(new HoldfastException(code, "It happened."));

    assertThat(Status.fromCodeValue(status.getCode()).getCode()).isEqualTo(agreed(code));
    assertThat(status.getMessage()).isEqualTo("It happened.");
    ErrorInfo info = status.getDetails(0).unpack(ErrorInfo.class);
    assertThat(info.getReason()).isEqualTo(code.name()).matches("[A-Z][A-Z0-9_]+[A-Z0-9]");
    assertThat(info.getDomain()).isEqualTo("holdfast.org");
    assertThat(info.getMetadataOrThrow("remedy")).endsWith(".").hasSizeGreaterThan(10);
  }

  @ParameterizedTest
  @EnumSource
  void anErrorComesOutOfACallAsItWentIn(ErrorCode code) {
    HoldfastException sent =
        new HoldfastException(code, "What.", "Do this.").withReport(Ledgers.report());

    HoldfastException received = StatusMapping.fromGrpc(StatusMapping.toGrpc(sent));

    assertThat(received.code()).isEqualTo(code);
    assertThat(received.whatHappened()).isEqualTo("What.");
    assertThat(received.remedy()).isEqualTo("Do this.");
    assertThat(received.report()).contains(Ledgers.report());
  }

  @ParameterizedTest
  @EnumSource(names = "OK", mode = EnumSource.Mode.EXCLUDE)
  void aStatusThatGrpcItselfMadeBecomesAnErrorToo(Status.Code code) {
    HoldfastException received =
        StatusMapping.fromGrpc(code.toStatus().withDescription("by gRPC").asRuntimeException());

    assertThat(received.whatHappened()).contains("by gRPC");
    assertThat(received.remedy()).isNotEmpty();
  }

  @Test
  void theDaemonBeingAwayIsNotTakenForTheTargetBeingAway() {
    assertThat(StatusMapping.fromGrpc(Status.UNAVAILABLE.asRuntimeException()).code())
        .isEqualTo(ErrorCode.DAEMON_UNREACHABLE);
  }

  @Test
  void futuresAreUnwrapped() {
    HoldfastException inner = new HoldfastException(ErrorCode.SAME_HOST, "Same.");

    assertThat(StatusMapping.asHoldfastException(new CompletionException(inner))).isSameAs(inner);
  }

  @Test
  void theUnforeseenIsInternalAndKeepsItsCause() {
    IllegalStateException bug = new IllegalStateException("a bug");

    HoldfastException failure = StatusMapping.asHoldfastException(bug);

    assertThat(failure.code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(failure).hasCause(bug).hasMessageContaining("a bug");
  }
}
