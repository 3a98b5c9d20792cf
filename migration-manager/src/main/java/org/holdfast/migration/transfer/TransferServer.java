package org.holdfast.migration.transfer;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.holdfast.api.StatusMapping;
import org.holdfast.migration.hold.Holder;
import org.holdfast.proto.v1.AbandonRequest;
import org.holdfast.proto.v1.AbandonResponse;
import org.holdfast.proto.v1.ClaimMessage;
import org.holdfast.proto.v1.FollowRequest;
import org.holdfast.proto.v1.HolderMessage;
import org.holdfast.proto.v1.PrepareRequest;
import org.holdfast.proto.v1.PrepareResponse;
import org.holdfast.proto.v1.TargetProgress;
import org.holdfast.proto.v1.TransferServiceGrpc;

/** The service that other hosts' daemons call. */
public final class TransferServer extends TransferServiceGrpc.TransferServiceImplBase {

  /** What the target's side of a migration does; see {@code IncomingMigrations}. */
  public interface Target {
    /** Checks and begins; throws HoldfastException with the reason to refuse. */
    PrepareResponse prepare(PrepareRequest request);

    /** Forgets what prepare began; unknown ids are no error. */
    void abandon(String migrationId);

    /** Calls back once, when the migration has ended here. */
    void follow(String migrationId, java.util.function.Consumer<TargetProgress> onEnd);
  }

  private final Target target;
  private final Holder holder;

  /**
   * @param target this host as a target
   * @param holder this host as a holder
   */
  public TransferServer(Target target, Holder holder) {
    this.target = target;
    this.holder = holder;
  }

  @Override
  public void prepare(PrepareRequest request, StreamObserver<PrepareResponse> observer) {
    try {
      observer.onNext(target.prepare(request));
      observer.onCompleted();
    } catch (RuntimeException e) {
      observer.onError(StatusMapping.toGrpc(e));
    }
  }

  @Override
  public void abandon(AbandonRequest request, StreamObserver<AbandonResponse> observer) {
    try {
      target.abandon(request.getMigrationId());
      observer.onNext(AbandonResponse.getDefaultInstance());
      observer.onCompleted();
    } catch (RuntimeException e) {
      observer.onError(StatusMapping.toGrpc(e));
    }
  }

  @Override
  public void follow(FollowRequest request, StreamObserver<TargetProgress> observer) {
    ServerCallStreamObserver<TargetProgress> stream =
        (ServerCallStreamObserver<TargetProgress>) observer;
    // Without a handler a stream that the source gave up would throw when it is answered.
    stream.setOnCancelHandler(() -> {});
    try {
      target.follow(
          request.getMigrationId(),
          progress -> {
            if (!stream.isCancelled()) {
              stream.onNext(progress);
              stream.onCompleted();
            }
          });
    } catch (RuntimeException e) {
      observer.onError(StatusMapping.toGrpc(e));
    }
  }

  @Override
  public StreamObserver<ClaimMessage> claim(StreamObserver<HolderMessage> observer) {
    return new ClaimSession(holder, (ServerCallStreamObserver<HolderMessage>) observer);
  }
}
