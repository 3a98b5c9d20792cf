package org.holdfast.api;

import com.google.longrunning.Operation;
import com.google.protobuf.Message;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.Function;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.ListConnectionsRequest;
import org.holdfast.proto.v1.ListConnectionsResponse;
import org.holdfast.proto.v1.MigrateDomainRequest;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.proto.v1.MigrationServiceGrpc.MigrationServiceImplBase;
import org.holdfast.proto.v1.OperationProgress;
import org.holdfast.proto.v1.ResumeDomainRequest;
import org.holdfast.proto.v1.SuspendDomainRequest;
import org.holdfast.proto.v1.WatchMigrationRequest;

/** holdfast.v1.MigrationService: what operators and orchestrators call. */
public final class MigrationGrpcService extends MigrationServiceImplBase {
  private static final int USUAL_PAGE = 500;
  private static final int LARGEST_PAGE = 5000; // some 200 bytes each: far from gRPC's 4 MiB

  private final MigrationEngine engine;
  private final OperationRegistry operations;

  public MigrationGrpcService(MigrationEngine engine, OperationRegistry operations) {
    this.engine = engine;
    this.operations = operations;
  }

  @Override
  public void migrateDomain(MigrateDomainRequest request, StreamObserver<Operation> caller) {
    Answers.give(
        caller,
        () -> {
          MigrateCommand command = Requests.command(request);
          return request.getValidateOnly()
              ? validate(command)
              : begin(request.getRequestId(), request, command, domain -> engine.migrate(command));
        });
  }

  @Override
  public void suspendDomain(SuspendDomainRequest request, StreamObserver<Operation> caller) {
    Answers.give(
        caller,
        () -> {
          SuspendCommand command = Requests.command(request);
          return request.getValidateOnly()
              ? validate(command)
              : begin(request.getRequestId(), request, command, domain -> engine.suspend(command));
        });
  }

  @Override
  public void resumeDomain(ResumeDomainRequest request, StreamObserver<Operation> caller) {
    Answers.give(
        caller,
        () -> {
          ResumeCommand command = Requests.command(request);
          return request.getValidateOnly()
              ? validate(command)
              : begin(request.getRequestId(), request, command, domain -> engine.resume(command));
        });
  }

  private Operation begin(
      String requestId,
      Message request,
      EngineCommand command,
      Function<DomainIdentity, Execution> begin) {
    return operations
        .begin(
            Requests.requestId(requestId), request, () -> engine.identify(command.domain()), begin)
        .toOperation();
  }

  private Operation validate(EngineCommand command) {
    List<String> remarks = engine.validate(command);
    return OperationRecord.validated(
        MigrationReport.newBuilder()
            .setDomain(command.domain())
            .setNote(String.join("\n", remarks))
            .build());
  }

  @Override
  public void watchMigration(
      WatchMigrationRequest request, StreamObserver<OperationProgress> caller) {
    OperationRecord operation;
    try {
      operation = operations.get(request.getOperation());
    } catch (HoldfastException unknown) {
      Answers.fail(caller, unknown);
      return;
    }
    new ProgressStream((ServerCallStreamObserver<OperationProgress>) caller, operation).start();
  }

  @Override
  public void listConnections(
      ListConnectionsRequest request, StreamObserver<ListConnectionsResponse> caller) {
    Answers.give(
        caller,
        () -> {
          int size = Paging.size(request.getPageSize(), USUAL_PAGE, LARGEST_PAGE);
          long start = Paging.start(request.getPageToken(), 0);
          List<LedgerEntry> all = engine.connections(Requests.domain(request.getDomain()));
          int from = (int) Math.min(start, all.size());
          int until = Math.min(from + size, all.size());
          return ListConnectionsResponse.newBuilder()
              .addAllConnections(all.subList(from, until))
              .setNextPageToken(until < all.size() ? Paging.token(until) : "")
              .build();
        });
  }
}
