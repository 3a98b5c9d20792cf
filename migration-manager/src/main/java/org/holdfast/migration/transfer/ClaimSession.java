package org.holdfast.migration.transfer;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.api.StatusMapping;
import org.holdfast.migration.hold.Claim;
import org.holdfast.migration.hold.HeldClaim;
import org.holdfast.migration.hold.ProvenHolder;
import org.holdfast.migration.hold.ReachedConnection;
import org.holdfast.proto.connection.v1.Queue;
import org.holdfast.proto.connection.v1.QueueChunk;
import org.holdfast.proto.v1.ClaimAheadPassed;
import org.holdfast.proto.v1.ClaimComplete;
import org.holdfast.proto.v1.ClaimDropped;
import org.holdfast.proto.v1.ClaimGranted;
import org.holdfast.proto.v1.ClaimMessage;
import org.holdfast.proto.v1.ClaimOpen;
import org.holdfast.proto.v1.ClaimTrackingPassed;
import org.holdfast.proto.v1.HeldConnection;
import org.holdfast.proto.v1.HolderMessage;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.ParkedFrame;
import org.holdfast.proto.v1.TrackedConnection;
import org.holdfast.wire.ClaimProof;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The holder's side of one Claim stream: drives a local {@link Claim} by what the target says. The
 * work is done in order on a thread of the session's own, since gRPC's threads must not wait.
 */
final class ClaimSession implements StreamObserver<ClaimMessage> {
  private static final Logger log = LoggerFactory.getLogger(ClaimSession.class);
  private static final int CHUNK_BYTES = 256 * 1024;
  private static final int PARKED_INTERVAL_MILLIS = 2;

  private final ProvenHolder holder;
  private final PacedObserver<HolderMessage> target;
  private final ScheduledExecutorService worker =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "claim"));
  private final Runnable wantNext;
  private @Nullable HeldClaim claim;
  private boolean finished;

  /** Must be made in the method that gRPC calls for the stream, before it returns. */
  ClaimSession(ProvenHolder holder, ServerCallStreamObserver<HolderMessage> observer) {
    this.holder = holder;
    this.target = new PacedObserver<>(observer, this::onGone);
    // One message at a time: what a claimant sends ahead of the work waits on its side.
    observer.disableAutoRequest();
    observer.request(1);
    this.wantNext = () -> observer.request(1);
  }

  @Override
  public void onNext(ClaimMessage message) {
    submit(
        () -> {
          orFail(() -> handle(message));
          wantNext.run();
        });
  }

  private void orFail(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  /** What comes after the end of the claim has nothing left to act on. */
  private void submit(Runnable work) {
    try {
      worker.execute(work);
    } catch (RejectedExecutionException ended) {
      log.debug("A claim that has ended was spoken to.");
    }
  }

  private void handle(ClaimMessage message) {
    if (finished) {
      return;
    }
    switch (message.getBodyCase()) {
      case OPEN -> open(message.getOpen());
      case AHEAD -> {
        granted().passAhead(this::sendReceived);
        target.send(
            HolderMessage.newBuilder()
                .setAheadPassed(ClaimAheadPassed.getDefaultInstance())
                .build());
      }
      case TRACKING -> passTracking(granted());
      case TAKE -> take(granted());
      case OPENED -> granted().opened(this::send);
      case RELEASED -> release(granted(), message);
      case GIVEN_UP -> giveUp(granted());
      case BODY_NOT_SET ->
          throw new HoldfastException(
              ErrorCode.INVALID_ARGUMENT, "A claim message without a body came from the target.");
    }
  }

  private void open(ClaimOpen open) {
    if (claim != null) {
      throw new HoldfastException(ErrorCode.INVALID_ARGUMENT, "The claim was opened twice.");
    }
    HeldClaim opened =
        holder.claim(
            ClaimProof.received(open.getMigrationId(), domain(open).toString(), open.getProof()));
    claim = opened;
    target.send(
        HolderMessage.newBuilder()
            .setGranted(
                ClaimGranted.newBuilder()
                    .setConnections(opened.connections())
                    .setPassesAhead(true)
                    .setPassesTracking(true))
            .build());
  }

  private static UUID domain(ClaimOpen open) {
    try {
      return UUID.fromString(open.getDomainUuid());
    } catch (IllegalArgumentException e) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT, "The claim names no domain: its UUID cannot be read.");
    }
  }

  private Claim granted() {
    if (claim == null) {
      throw new HoldfastException(ErrorCode.INVALID_ARGUMENT, "The claim was not opened yet.");
    }
    return claim;
  }

  private void passTracking(Claim tracking) {
    for (TrackedConnection tracked : tracking.tracked()) {
      target.send(HolderMessage.newBuilder().setTracked(tracked).build());
    }
    target.send(
        HolderMessage.newBuilder()
            .setTrackingPassed(ClaimTrackingPassed.getDefaultInstance())
            .build());
  }

  private void take(Claim taken) {
    taken.take(this::send);
    target.send(
        HolderMessage.newBuilder()
            .setComplete(ClaimComplete.newBuilder().setConnections(taken.connections()))
            .build());
    passOnParked();
  }

  /**
   * While the guest's sockets are conformed what comes for the VM travels ahead, and afterwards
   * follows, until the network knows where the VM is.
   */
  private void passOnParked() {
    if (!finished) {
      granted().passOnParked(this::send);
      worker.schedule(
          () -> orFail(this::passOnParked), PARKED_INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void send(ParkedFrame frame) {
    target.send(HolderMessage.newBuilder().setParked(frame).build());
  }

  private void send(ReachedConnection connection) {
    target.send(
        HolderMessage.newBuilder()
            .setConnection(
                HeldConnection.newBuilder()
                    .setConnection(connection.index())
                    .setReached(connection.reached())
                    .setBytesAcknowledgedForVm(connection.acknowledgedForVm())
                    .setReceivedBytes(
                        connection.received().stream().mapToInt(ByteBuffer::remaining).sum()))
            .build());
    connection.received().forEach(part -> sendReceived(connection.index(), part));
  }

  private void sendReceived(int index, ByteBuffer received) {
    ByteBuffer rest = received.duplicate();
    while (rest.hasRemaining()) {
      ByteBuffer run = rest.slice(rest.position(), Math.min(rest.remaining(), CHUNK_BYTES));
      rest.position(rest.position() + run.remaining());
      target.send(
          HolderMessage.newBuilder()
              .setChunk(
                  QueueChunk.newBuilder()
                      .setConnection(index)
                      .setQueue(Queue.QUEUE_RECEIVE)
                      .setData(ByteString.copyFrom(run)))
              .build());
    }
  }

  private void release(Claim released, ClaimMessage message) {
    released.passOnParked(this::send);
    List<LedgerEntry> ledger = released.released(message.getReleased().getConnectionsList());
    target.send(
        HolderMessage.newBuilder()
            .setDropped(ClaimDropped.newBuilder().addAllLedger(ledger))
            .build());
    finish();
    target.complete();
  }

  /** The target has not opened the VM's port, and will not. */
  private void giveUp(Claim given) {
    given.close();
    finish();
    target.complete();
  }

  private void fail(RuntimeException error) {
    if (!finished) {
      log.warn("A claim ended early: {}", error.toString());
      finish();
      target.fail(StatusMapping.toGrpc(error));
    }
  }

  private void finish() {
    finished = true;
    if (claim != null) {
      claim.lost();
    }
    worker.shutdown();
  }

  private void onGone() {
    submit(
        () -> {
          if (!finished) {
            log.warn("The target went away in the middle of a claim.");
            finish();
          }
        });
  }

  @Override
  public void onError(Throwable error) {
    onGone();
  }

  @Override
  public void onCompleted() {
    onGone();
  }
}
