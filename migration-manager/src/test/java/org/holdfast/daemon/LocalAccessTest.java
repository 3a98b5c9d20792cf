package org.holdfast.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.longrunning.CancelOperationRequest;
import com.google.longrunning.ListOperationsRequest;
import com.google.longrunning.OperationsGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.api.ScriptedEngine;
import org.holdfast.api.StatusMapping;
import org.holdfast.configuration.ConfigurationException;
import org.holdfast.proto.v1.MigrationServiceGrpc;
import org.holdfast.proto.v1.SuspendDomainRequest;
import org.holdfast.transport.DaemonAddress;
import org.holdfast.transport.DaemonChannel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who gets what through the Unix socket: real processes of other users, as the kernel sees them.
 */
@Tag("kernel")
@Timeout(60)
class LocalAccessTest {
  private static final int READER = 65_534;
  private static final int STRANGER = 4_242;
  private static final int ACTING_GROUP = 1;
  private static final int OTHER_GROUP = 4_243;
  private static final String ACCESS = "access: {read: {users: [nobody]}, act: {groups: [daemon]}}";

  @TempDir private Path directory;
  private final ScriptedEngine engine = new ScriptedEngine();

  @BeforeEach
  void openToAll() throws Exception {
    engine.domain("web");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  private DaemonFixture daemon(String access) throws ConfigurationException {
    return DaemonFixture.start(directory, engine, "listen: {enabled: false}", access);
  }

  /** What a call of this user ends with; empty words if it is answered. */
  private String refusal(DaemonFixture daemon, int user, int group, Function<DaemonChannel, ?> call)
      throws Exception {
    try (SocketRelay relay = SocketRelay.of(user, group, directory, daemon.socket());
        DaemonChannel channel = DaemonChannel.local(new DaemonAddress.Local(relay.socket()))) {
      StatusRuntimeException error =
          catchThrowableOfType(StatusRuntimeException.class, () -> call.apply(channel));
      if (error == null) {
        return "";
      }
      assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
      HoldfastException told = StatusMapping.fromGrpc(error);
      assertThat(told.code()).isEqualTo(ErrorCode.PERMISSION_DENIED);
      return told.whatHappened() + " " + told.remedy();
    }
  }

  private static Object list(DaemonChannel channel) {
    return OperationsGrpc.newBlockingStub(channel.channel())
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .listOperations(ListOperationsRequest.getDefaultInstance());
  }

  private static Object suspend(DaemonChannel channel) {
    return MigrationServiceGrpc.newBlockingStub(channel.channel())
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .suspendDomain(SuspendDomainRequest.newBuilder().setDomain("web").build());
  }

  private static Object cancel(DaemonChannel channel) {
    return OperationsGrpc.newBlockingStub(channel.channel())
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .cancelOperation(CancelOperationRequest.newBuilder().setName("operations/1").build());
  }

  @Test
  void whoMayReadLooksAndTouchesNothing() throws Exception {
    try (DaemonFixture daemon = daemon(ACCESS)) {
      assertThat(refusal(daemon, READER, OTHER_GROUP, LocalAccessTest::list)).isEmpty();
      assertThat(refusal(daemon, READER, OTHER_GROUP, LocalAccessTest::suspend))
          .startsWith("User 65534 (process ")
          .contains("may not act: holdfast.v1.MigrationService/SuspendDomain.")
          .contains("Call as root, or name the user or a group of it under access.act");
      assertThat(refusal(daemon, READER, OTHER_GROUP, LocalAccessTest::cancel))
          .contains("may not act: google.longrunning.Operations/CancelOperation");
      assertThat(engine.commands()).isEmpty();
    }
  }

  @Test
  void whoMayActByASecondGroupMayReadToo() throws Exception {
    try (DaemonFixture daemon = daemon(ACCESS)) {
      assertThat(refusal(daemon, STRANGER, ACTING_GROUP, LocalAccessTest::list)).isEmpty();
      assertThat(refusal(daemon, STRANGER, ACTING_GROUP, LocalAccessTest::suspend)).isEmpty();
      assertThat(engine.commands()).hasSize(1);
    }
  }

  @Test
  void aStrangerIsToldWhatToDoAndNothingElse() throws Exception {
    try (DaemonFixture daemon = daemon(ACCESS)) {
      assertThat(refusal(daemon, STRANGER, OTHER_GROUP, LocalAccessTest::list))
          .contains("User 4242")
          .contains("access.read");
      assertThat(refusal(daemon, STRANGER, OTHER_GROUP, LocalAccessTest::suspend))
          .contains("access.act");
      assertThat(engine.commands()).isEmpty();
    }
  }

  @Test
  void withoutRolesNobodyButRootGetsAsFarAsTheSocket() throws Exception {
    try (DaemonFixture daemon = daemon("access: {}");
        DaemonChannel root = DaemonChannel.local(new DaemonAddress.Local(daemon.socket()))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(daemon.socket())))
          .isEqualTo("rw-------");
      assertThat(suspend(root)).isNotNull();
    }
  }

  @Test
  void aNameThatNobodyHasIsRefusedAtTheStart() {
    assertThatThrownBy(() -> daemon("access: {act: {users: [no-such-user]}}"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("access.act.users: there is no user \"no-such-user\"");
    assertThatThrownBy(() -> daemon("access: {read: {groups: [no-such-group]}}"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("access.read.groups: there is no group \"no-such-group\"");
  }
}
