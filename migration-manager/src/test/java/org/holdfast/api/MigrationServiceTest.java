package org.holdfast.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.longrunning.CancelOperationRequest;
import com.google.longrunning.DeleteOperationRequest;
import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.ListOperationsRequest;
import com.google.longrunning.ListOperationsResponse;
import com.google.longrunning.Operation;
import com.google.longrunning.OperationsGrpc;
import com.google.longrunning.OperationsGrpc.OperationsBlockingStub;
import com.google.longrunning.WaitOperationRequest;
import com.google.protobuf.util.Durations;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.holdfast.daemon.DaemonFixture;
import org.holdfast.proto.v1.ConnectionPolicy;
import org.holdfast.proto.v1.ListConnectionsRequest;
import org.holdfast.proto.v1.ListConnectionsResponse;
import org.holdfast.proto.v1.MigrateDomainRequest;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.proto.v1.MigrationServiceGrpc;
import org.holdfast.proto.v1.MigrationServiceGrpc.MigrationServiceBlockingStub;
import org.holdfast.proto.v1.OperationProgress;
import org.holdfast.proto.v1.Phase;
import org.holdfast.proto.v1.ResumeDomainRequest;
import org.holdfast.proto.v1.SuspendDomainRequest;
import org.holdfast.proto.v1.WatchMigrationRequest;
import org.holdfast.transport.DaemonAddress;
import org.holdfast.transport.DaemonChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The services as a caller finds them: through a real socket, in a real daemon. */
@Timeout(30)
class MigrationServiceTest {
  private static final MigrateDomainRequest TO_KVM2 =
      MigrateDomainRequest.newBuilder()
          .setDomain("web")
          .setDestinationUri("qemu+tcp://kvm2/system")
          .setLive(true)
          .build();

  private final ScriptedEngine engine = new ScriptedEngine();
  private DaemonFixture daemon;
  private DaemonChannel channel;
  private MigrationServiceBlockingStub migration;
  private OperationsBlockingStub operations;

  @BeforeEach
  void open(@TempDir Path directory) throws Exception {
    engine.domain("web");
    engine.domain("db");
    daemon =
        DaemonFixture.start(
            directory, engine, "listen: {enabled: false}", "history: {finished_operations: 2}");
    channel = DaemonChannel.local(new DaemonAddress.Local(daemon.socket()));
    migration = MigrationServiceGrpc.newBlockingStub(channel.channel());
    operations = OperationsGrpc.newBlockingStub(channel.channel());
  }

  @AfterEach
  void close() {
    channel.close();
    daemon.close();
  }

  private static HoldfastException refusal(Supplier<?> call) {
    StatusRuntimeException error = catchThrowableOfType(StatusRuntimeException.class, call::get);
    assertThat(error).isNotNull();
    return StatusMapping.fromGrpc(error);
  }

  private Operation waitFor(Operation operation) {
    return operations.waitOperation(
        WaitOperationRequest.newBuilder().setName(operation.getName()).build());
  }

  private ListOperationsResponse list(ListOperationsRequest.Builder request) {
    return operations.listOperations(request.setName("operations").build());
  }

  @Test
  void everyFieldOfAMigrationReachesTheEngine() {
    migration.migrateDomain(
        TO_KVM2.toBuilder()
            .setConnections(ConnectionPolicy.CONNECTION_POLICY_REQUIRE)
            .setPeerToPeer(true)
            .setPersistent(true)
            .setUndefineSource(true)
            .setBandwidthMibPerSecond(32)
            .setTimeout(Durations.fromSeconds(90))
            .setTakeover(org.holdfast.proto.v1.TakeoverMoment.TAKEOVER_MOMENT_AT_ITERATION)
            .setTakeoverIteration(3)
            .setMaxBrownout(Durations.fromSeconds(5))
            .setMaxBlackout(Durations.fromMillis(40))
            .setAutoConverge(true)
            .setCompressed(true)
            .setDestinationDaemon("kvm2:1234")
            .build());

    assertThat(engine.commands())
        .containsExactly(
            new MigrateCommand(
                "web",
                "qemu+tcp://kvm2/system",
                KeepPolicy.REQUIRE,
                true,
                true,
                true,
                true,
                new MemoryCopy(32, Duration.ofSeconds(90), Duration.ofSeconds(5), true, true),
                new TakeoverMoment(TakeoverMoment.Kind.AT_ITERATION, 3),
                Duration.ofMillis(40),
                Optional.of("kvm2:1234")));
  }

  @Test
  void whatIsNotSaidIsBestEffortAndOff() {
    migration.migrateDomain(
        MigrateDomainRequest.newBuilder()
            .setDomain("web")
            .setDestinationUri("qemu+tcp://kvm2/system")
            .build());
    migration.suspendDomain(SuspendDomainRequest.newBuilder().setDomain("db").build());

    assertThat(engine.commands())
        .containsExactly(
            new MigrateCommand(
                "web",
                "qemu+tcp://kvm2/system",
                KeepPolicy.BEST_EFFORT,
                false,
                false,
                false,
                false,
                MemoryCopy.USUAL,
                TakeoverMoment.AUTO,
                Duration.ZERO,
                Optional.empty()),
            new SuspendCommand("db", KeepPolicy.BEST_EFFORT));
  }

  @Test
  void anOperationEndsWithItsReport() throws Exception {
    Operation begun = migration.migrateDomain(TO_KVM2);
    ScriptedExecution execution = engine.next();
    assertThat(begun.getName()).isEqualTo("operations/" + execution.migrationId());
    assertThat(begun.getDone()).isFalse();
    assertThat(begun.getMetadata().unpack(OperationProgress.class).getVerb()).isEqualTo("migrate");

    CompletableFuture<Operation> waiting = CompletableFuture.supplyAsync(() -> waitFor(begun));
    execution.succeed(Ledgers.report());

    Operation done = waiting.get(10, TimeUnit.SECONDS);
    assertThat(done.getDone()).isTrue();
    assertThat(done.getResponse().unpack(MigrationReport.class)).isEqualTo(Ledgers.report());
    assertThat(
            operations.getOperation(
                GetOperationRequest.newBuilder().setName(begun.getName()).build()))
        .isEqualTo(done);
  }

  @Test
  void anOperationThatFailsSaysWhyAndWhatWasDone() throws Exception {
    Operation begun =
        migration.suspendDomain(SuspendDomainRequest.newBuilder().setDomain("web").build());
    engine
        .next()
        .fail(
            new HoldfastException(ErrorCode.TAKEOVER_FAILED, "The export did not end in time.")
                .withReport(Ledgers.report()));

    Operation done = waitFor(begun);

    HoldfastException why = StatusMapping.fromProto(done.getError());
    assertThat(why.code()).isEqualTo(ErrorCode.TAKEOVER_FAILED);
    assertThat(why.report()).contains(Ledgers.report());
  }

  @Test
  void waitingEndsWhenTheTimeIsOver() {
    Operation begun = migration.migrateDomain(TO_KVM2);

    Operation later =
        operations.waitOperation(
            WaitOperationRequest.newBuilder()
                .setName(begun.getName())
                .setTimeout(Durations.fromMillis(50))
                .build());

    assertThat(later.getDone()).isFalse();
  }

  @Test
  void theSameRequestIdBeginsOneOperation() {
    MigrateDomainRequest request = TO_KVM2.toBuilder().setRequestId("again-and-again").build();

    Operation first = migration.migrateDomain(request);
    Operation second = migration.migrateDomain(request);

    assertThat(second.getName()).isEqualTo(first.getName());
    assertThat(engine.commands()).hasSize(1);
    HoldfastException mistaken =
        refusal(() -> migration.migrateDomain(request.toBuilder().setDomain("db").build()));
    assertThat(mistaken.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void sentAtOnceFromManySidesTheSameRequestStillBeginsOneOperation()
      throws ExecutionException, InterruptedException {
    MigrateDomainRequest request = TO_KVM2.toBuilder().setRequestId("at-once").build();
    List<CompletableFuture<Operation>> calls = new ArrayList<>();
    for (int call = 0; call < 16; call++) {
      calls.add(CompletableFuture.supplyAsync(() -> migration.migrateDomain(request)));
    }

    for (CompletableFuture<Operation> call : calls) {
      assertThat(call.get().getName()).isEqualTo(calls.get(0).get().getName());
    }
    assertThat(engine.commands()).hasSize(1);
  }

  @Test
  void aRequestIdThatWasRefusedMayBeUsedAgain() {
    engine.refuse("web", new HoldfastException(ErrorCode.AGENT_SILENT, "No word."));
    MigrateDomainRequest request = TO_KVM2.toBuilder().setRequestId("once-more").build();
    assertThat(refusal(() -> migration.migrateDomain(request)).code())
        .isEqualTo(ErrorCode.AGENT_SILENT);

    engine.script("web", execution -> execution.succeed(Ledgers.report()));
    engine.refuse("web", new HoldfastException(ErrorCode.AGENT_TOO_OLD, "Version 0."));

    assertThat(refusal(() -> migration.migrateDomain(request)).code())
        .isEqualTo(ErrorCode.AGENT_TOO_OLD);
  }

  @Test
  void aSecondOperationOnTheSameDomainIsAborted() throws Exception {
    migration.migrateDomain(TO_KVM2);
    String uuid = engine.domain("web").uuid().toString();

    StatusRuntimeException refused =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                migration.suspendDomain(SuspendDomainRequest.newBuilder().setDomain(uuid).build()));

    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.ABORTED);
    assertThat(StatusMapping.fromGrpc(refused).code()).isEqualTo(ErrorCode.ALREADY_MIGRATING);
    migration.suspendDomain(SuspendDomainRequest.newBuilder().setDomain("db").build());
    engine.next().succeed(Ledgers.report());
    migration.resumeDomain(ResumeDomainRequest.newBuilder().setDomain("web").build());
  }

  @Test
  void aDomainWhoseOperationWasRefusedIsFree() {
    engine.refuse("web", new HoldfastException(ErrorCode.AGENT_ABSENT, "No agent."));

    for (int attempt = 0; attempt < 2; attempt++) {
      assertThat(refusal(() -> migration.migrateDomain(TO_KVM2)).code())
          .isEqualTo(ErrorCode.AGENT_ABSENT);
    }
  }

  @Test
  void cancellingRollsBack() throws Exception {
    Operation begun = migration.migrateDomain(TO_KVM2);
    engine.next().reach(Phase.PHASE_CONVERGE, 40);

    operations.cancelOperation(
        CancelOperationRequest.newBuilder().setName(begun.getName()).build());

    Operation done = waitFor(begun);
    assertThat(done.getError().getCode()).isEqualTo(Status.Code.CANCELLED.value());
    operations.cancelOperation(
        CancelOperationRequest.newBuilder().setName(begun.getName()).build());
  }

  @Test
  void afterThePointOfNoReturnCancellingIsRefused() throws Exception {
    Operation begun = migration.migrateDomain(TO_KVM2);
    engine.next().cannotBeCancelled();

    assertThat(
            refusal(
                    () ->
                        operations.cancelOperation(
                            CancelOperationRequest.newBuilder().setName(begun.getName()).build()))
                .code())
        .isEqualTo(ErrorCode.TOO_LATE_TO_CANCEL);
  }

  @Test
  void watchingShowsThePhasesAndEndsWithTheOperation() throws Exception {
    Operation begun = migration.migrateDomain(TO_KVM2);
    ScriptedExecution execution = engine.next();
    Iterator<OperationProgress> states =
        migration.watchMigration(
            WatchMigrationRequest.newBuilder().setOperation(begun.getName()).build());
    assertThat(states.next().getPhase()).isEqualTo(Phase.PHASE_PREFLIGHT);

    execution.reach(Phase.PHASE_CONVERGE, 42.37);
    OperationProgress converging = states.next();
    execution.succeed(Ledgers.report());
    List<OperationProgress> rest = new ArrayList<>();
    states.forEachRemaining(rest::add);

    assertThat(converging.getPercent()).isEqualTo(42.37);
    assertThat(rest).isNotEmpty();
    assertThat(rest.get(rest.size() - 1).getDone()).isTrue();
    assertThat(
            operations
                .getOperation(GetOperationRequest.newBuilder().setName(begun.getName()).build())
                .getDone())
        .isTrue();
  }

  @Test
  void watchingWhatIsDoneShowsItsEnd() throws Exception {
    engine.script("web", execution -> execution.succeed(Ledgers.report()));
    Operation begun = migration.migrateDomain(TO_KVM2);

    Iterator<OperationProgress> states =
        migration.watchMigration(
            WatchMigrationRequest.newBuilder().setOperation(begun.getName()).build());

    assertThat(states.next().getDone()).isTrue();
    assertThat(states.hasNext()).isFalse();
  }

  @Test
  void validatingTellsAndTouchesNothing() throws Exception {
    Operation answer = migration.migrateDomain(TO_KVM2.toBuilder().setValidateOnly(true).build());

    assertThat(answer.getDone()).isTrue();
    assertThat(answer.getResponse().unpack(MigrationReport.class).getNote())
        .isEqualTo("2 connections would be left to TCP.");
    assertThat(engine.commands()).isEmpty();
    assertThat(list(ListOperationsRequest.newBuilder()).getOperationsList()).isEmpty();
  }

  @Test
  void badRequestsAreRefusedBeforeTheEngineHearsOfThem() {
    assertThat(refusal(() -> migration.migrateDomain(TO_KVM2.toBuilder().setDomain(" ").build())))
        .extracting(HoldfastException::code)
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    for (String uri : List.of("", "qemu:///system", "kvm2", "qemu+tcp://kvm 2/system")) {
      assertThat(
              refusal(
                      () ->
                          migration.migrateDomain(
                              TO_KVM2.toBuilder().setDestinationUri(uri).build()))
                  .code())
          .as(uri)
          .isEqualTo(ErrorCode.INVALID_DESTINATION_URI);
    }
    assertThat(
            refusal(
                    () ->
                        migration.migrateDomain(
                            TO_KVM2.toBuilder().setTimeout(Durations.fromSeconds(-1)).build()))
                .code())
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(
            refusal(
                    () ->
                        migration.migrateDomain(
                            TO_KVM2.toBuilder().setConnectionsValue(77).build()))
                .code())
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refusal(() -> migration.migrateDomain(TO_KVM2.toBuilder().setDomain("x").build())))
        .extracting(HoldfastException::code)
        .isEqualTo(ErrorCode.DOMAIN_NOT_FOUND);
    assertThat(engine.commands()).isEmpty();
  }

  @Test
  void operationsAreListedInPagesTheNewestFirst() throws Exception {
    Operation first = migration.migrateDomain(TO_KVM2);
    Operation second =
        migration.suspendDomain(SuspendDomainRequest.newBuilder().setDomain("db").build());
    engine.next().succeed(Ledgers.report());
    waitFor(first);

    ListOperationsResponse page = list(ListOperationsRequest.newBuilder().setPageSize(1));
    ListOperationsResponse rest =
        list(
            ListOperationsRequest.newBuilder()
                .setPageSize(1)
                .setPageToken(page.getNextPageToken()));

    assertThat(page.getOperations(0).getName()).isEqualTo(second.getName());
    assertThat(rest.getOperations(0).getName()).isEqualTo(first.getName());
    assertThat(rest.getNextPageToken()).isEmpty();
    MigrationReport listed = rest.getOperations(0).getResponse().unpack(MigrationReport.class);
    assertThat(listed.getLedgerList()).isEmpty();
    assertThat(listed.getTimelineList()).isNotEmpty();
    assertThat(list(ListOperationsRequest.newBuilder().setFilter("done=false")).getOperationsList())
        .extracting(Operation::getName)
        .containsExactly(second.getName());
  }

  @Test
  void onlyTheLastOfTheFinishedAreRemembered() throws Exception {
    engine.script("web", execution -> execution.succeed(Ledgers.report()));
    List<String> names = new ArrayList<>();
    for (int operation = 0; operation < 4; operation++) {
      names.add(migration.migrateDomain(TO_KVM2).getName());
    }

    assertThat(list(ListOperationsRequest.newBuilder()).getOperationsList())
        .extracting(Operation::getName)
        .containsExactly(names.get(3), names.get(2));
    assertThat(
            refusal(
                    () ->
                        operations.getOperation(
                            GetOperationRequest.newBuilder().setName(names.get(0)).build()))
                .code())
        .isEqualTo(ErrorCode.OPERATION_NOT_FOUND);
  }

  @Test
  void onlyWhatIsDoneCanBeDeleted() throws Exception {
    Operation begun = migration.migrateDomain(TO_KVM2);
    DeleteOperationRequest delete =
        DeleteOperationRequest.newBuilder().setName(begun.getName()).build();
    assertThat(refusal(() -> operations.deleteOperation(delete)).code())
        .isEqualTo(ErrorCode.OPERATION_NOT_DONE);
    engine.next().succeed(Ledgers.report());

    operations.deleteOperation(delete);

    assertThat(refusal(() -> operations.deleteOperation(delete)).code())
        .isEqualTo(ErrorCode.OPERATION_NOT_FOUND);
  }

  @Test
  void connectionsComeInPages() {
    engine.connections(Ledgers.many(1201));
    List<Integer> sizes = new ArrayList<>();
    String token = "";
    do {
      ListConnectionsResponse page =
          migration.listConnections(
              ListConnectionsRequest.newBuilder()
                  .setDomain("web")
                  .setPageToken(token)
                  .setPageSize(600)
                  .build());
      sizes.add(page.getConnectionsCount());
      token = page.getNextPageToken();
    } while (!token.isEmpty());

    assertThat(sizes).containsExactly(600, 600, 1);
    for (String foreign : List.of("%%%", "aGVsbG8", "LTE")) {
      assertThat(
              refusal(
                      () ->
                          migration.listConnections(
                              ListConnectionsRequest.newBuilder()
                                  .setDomain("web")
                                  .setPageToken(foreign)
                                  .build()))
                  .code())
          .as(foreign)
          .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }
  }

  @Test
  void aBugInTheEngineIsInternalAndNotSilent() {
    engine.script(
        "web",
        execution -> {
          throw new IllegalStateException("a bug");
        });

    assertThat(refusal(() -> migration.migrateDomain(TO_KVM2)).code())
        .isEqualTo(ErrorCode.INTERNAL);
  }
}
