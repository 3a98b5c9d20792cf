package org.holdfast.migration.transfer;

import com.google.common.net.HostAndPort;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import org.holdfast.access.Caller;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.api.StatusMapping;
import org.holdfast.migration.hold.ProvenHolder;
import org.holdfast.proto.v1.AbandonRequest;
import org.holdfast.proto.v1.AbandonResponse;
import org.holdfast.proto.v1.ArriveRequest;
import org.holdfast.proto.v1.ArriveResponse;
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

    /** host:port that a prepared migration was announced with; empty if there is none such. */
    Optional<String> announcer(String migrationId);

    /**
     * The VM stays at its source: forgets what prepare began, and ends what libvirt may have left
     * here; unknown ids are no error.
     */
    void abandon(String migrationId);

    /** Nothing is held for the VM that comes; unknown ids are no error. */
    void comesWithOwnSockets(String migrationId);

    /** Calls back when the migration waits for something, and when it has ended here. */
    void follow(String migrationId, java.util.function.Consumer<TargetProgress> listener);
  }

  /** What the source's side of a migration answers; see {@code Departures}. */
  public interface Source {
    /**
     * Whether a VM may run where it has arrived; throws HoldfastException if not for the caller.
     */
    ArriveResponse.Verdict arrived(ArriveRequest request, Caller caller);
  }

  private final Target target;
  private final ProvenHolder holder;
  private final Source source;

  /**
   * @param target this host as a target
   * @param holder this host as a holder
   * @param source this host as a source
   */
  public TransferServer(Target target, ProvenHolder holder, Source source) {
    this.target = target;
    this.holder = holder;
    this.source = source;
  }

  @Override
  public void prepare(PrepareRequest request, StreamObserver<PrepareResponse> observer) {
    try {
      requireAnnouncedByItself(request.getHolder(), "announces");
      observer.onNext(target.prepare(request));
      observer.onCompleted();
    } catch (RuntimeException e) {
      observer.onError(StatusMapping.toGrpc(e));
    }
  }

  @Override
  public void abandon(AbandonRequest request, StreamObserver<AbandonResponse> observer) {
    try {
      requireItsOwn(request.getMigrationId());
      if (request.getComesWithOwnSockets()) {
        target.comesWithOwnSockets(request.getMigrationId());
      } else {
        target.abandon(request.getMigrationId());
      }
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
      requireItsOwn(request.getMigrationId());
      target.follow(
          request.getMigrationId(),
          progress -> {
            synchronized (stream) {
              send(progress, stream);
            }
          });
    } catch (RuntimeException e) {
      observer.onError(StatusMapping.toGrpc(e));
    }
  }

  @Override
  public void arrive(ArriveRequest request, StreamObserver<ArriveResponse> observer) {
    try {
      ArriveResponse.Verdict verdict = source.arrived(request, Caller.current());
      observer.onNext(ArriveResponse.newBuilder().setVerdict(verdict).build());
      observer.onCompleted();
    } catch (RuntimeException e) {
      observer.onError(StatusMapping.toGrpc(e));
    }
  }

  private static void send(
      TargetProgress progress, ServerCallStreamObserver<TargetProgress> stream) {
    if (stream.isCancelled()) {
      return;
    }
    stream.onNext(progress);
    if (progress.getFinished()) {
      stream.onCompleted();
    }
  }

  private void requireItsOwn(String migrationId) {
    target.announcer(migrationId).ifPresent(holder -> requireAnnouncedByItself(holder, "asks for"));
  }

  /** A host speaks for itself: its certificate has the name under which it is to be called back. */
  private static void requireAnnouncedByItself(String holder, String does) {
    Caller caller = Caller.current();
    if (!caller.isNamed(host(holder))) {
      throw new HoldfastException(
          ErrorCode.PERMISSION_DENIED,
          "A caller with %s %s a migration held at %s.".formatted(caller, does, holder),
          "Set host_name in that host's holdfastd.yaml to a name in its certificate.");
    }
  }

  private static String host(String address) {
    try {
      return HostAndPort.fromString(address).getHost();
    } catch (IllegalArgumentException noAddress) {
      return "";
    }
  }

  @Override
  public StreamObserver<ClaimMessage> claim(StreamObserver<HolderMessage> observer) {
    return new ClaimSession(holder, (ServerCallStreamObserver<HolderMessage>) observer);
  }
}
