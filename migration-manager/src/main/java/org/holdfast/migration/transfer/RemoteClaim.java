package org.holdfast.migration.transfer;

import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.migration.hold.Claim;
import org.holdfast.migration.hold.ReachedConnection;
import org.holdfast.proto.agent.v1.ConformedConnection;
import org.holdfast.proto.connection.v1.QueueChunk;
import org.holdfast.proto.v1.ClaimAhead;
import org.holdfast.proto.v1.ClaimDropped;
import org.holdfast.proto.v1.ClaimGivenUp;
import org.holdfast.proto.v1.ClaimGranted;
import org.holdfast.proto.v1.ClaimMessage;
import org.holdfast.proto.v1.ClaimOpen;
import org.holdfast.proto.v1.ClaimOpened;
import org.holdfast.proto.v1.ClaimReleased;
import org.holdfast.proto.v1.ClaimTake;
import org.holdfast.proto.v1.ClaimTracking;
import org.holdfast.proto.v1.HeldConnection;
import org.holdfast.proto.v1.HolderMessage;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.ParkedFrame;
import org.holdfast.proto.v1.TrackedConnection;
import org.holdfast.takeover.ReceivedBytes;
import org.holdfast.wire.ClaimProof;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The claiming side of a Claim stream (see transfer.proto). */
final class RemoteClaim implements Claim {
  private static final Logger log = LoggerFactory.getLogger(RemoteClaim.class);

  /** More than any host is configured to receive for one connection. */
  private static final int MOST_RECEIVED = 256 << 20;

  private static final long GIVEN_UP_SECONDS = 5;

  private final BlockingClientCall<ClaimMessage, HolderMessage> call;
  private final String holder;
  private final ClaimGranted granted;
  private final CompletableFuture<ClaimDropped> dropped = new CompletableFuture<>();

  /** What came while nobody wanted it yet; its lock keeps the order. */
  private final List<ParkedFrame> early = new ArrayList<>();

  private @Nullable Consumer<ParkedFrame> receiver;
  private boolean listening;
  private boolean maySpeak;
  private boolean finished;

  private RemoteClaim(
      BlockingClientCall<ClaimMessage, HolderMessage> call, String holder, ClaimGranted granted) {
    this.call = call;
    this.holder = holder;
    this.granted = granted;
  }

  static RemoteClaim open(
      BlockingClientCall<ClaimMessage, HolderMessage> call, String holder, ClaimProof proof) {
    try {
      call.write(
          ClaimMessage.newBuilder()
              .setOpen(
                  ClaimOpen.newBuilder()
                      .setMigrationId(proof.migrationId())
                      .setDomainUuid(proof.domainUuid())
                      .setProof(proof.mac()))
              .build());
      HolderMessage answer = read(call, holder);
      if (!answer.hasGranted()) {
        throw unexpected(holder, answer);
      }
      return new RemoteClaim(call, holder, answer.getGranted());
    } catch (StatusException | InterruptedException | RuntimeException e) {
      call.cancel("the claim could not be opened", e);
      throw asFailure(holder, e);
    }
  }

  @Override
  public int connections() {
    return granted.getConnections();
  }

  @Override
  public List<TrackedConnection> tracked() {
    if (!granted.getPassesTracking()) {
      return List.of();
    }
    send(ClaimMessage.newBuilder().setTracking(ClaimTracking.getDefaultInstance()).build());
    List<TrackedConnection> tracked = new ArrayList<>();
    try {
      HolderMessage message = read(call, holder);
      while (!message.hasTrackingPassed()) {
        if (!message.hasTracked()) {
          throw unexpected(holder, message);
        }
        tracked.add(message.getTracked());
        message = read(call, holder);
      }
    } catch (StatusException | InterruptedException e) {
      throw asFailure(holder, e);
    }
    return tracked;
  }

  @Override
  public void passAhead(ReceivedBytes receiver) {
    if (!granted.getPassesAhead()) {
      return;
    }
    send(ClaimMessage.newBuilder().setAhead(ClaimAhead.getDefaultInstance()).build());
    try {
      HolderMessage message = read(call, holder);
      while (!message.hasAheadPassed()) {
        if (!message.hasChunk()) {
          throw unexpected(holder, message);
        }
        QueueChunk chunk = message.getChunk();
        receiver.accept(chunk.getConnection(), chunk.getData().asReadOnlyByteBuffer());
        message = read(call, holder);
      }
    } catch (StatusException | InterruptedException e) {
      throw asFailure(holder, e);
    }
  }

  @Override
  public void take(Consumer<ReachedConnection> sink) {
    send(ClaimMessage.newBuilder().setTake(ClaimTake.getDefaultInstance()).build());
    try {
      HolderMessage message = read(call, holder);
      while (!message.hasComplete()) {
        if (!message.hasConnection()) {
          throw unexpected(holder, message);
        }
        HeldConnection held = message.getConnection();
        sink.accept(
            new ReachedConnection(
                held.getConnection(),
                held.getReached(),
                List.of(receiveQueue(held)),
                held.getBytesAcknowledgedForVm()));
        message = read(call, holder);
      }
    } catch (StatusException | InterruptedException e) {
      throw asFailure(holder, e);
    }
    listening = true;
    Thread listener = new Thread(this::listen, "parked-frames-from-" + holder);
    listener.setDaemon(true);
    listener.start();
  }

  private ByteBuffer receiveQueue(HeldConnection held)
      throws StatusException, InterruptedException {
    int bytes = held.getReceivedBytes();
    if (bytes < 0 || bytes > MOST_RECEIVED) {
      throw new HoldfastException(
          ErrorCode.TARGET_DAEMON_INCOMPATIBLE,
          "The holder at %s speaks of %s received bytes for one connection."
              .formatted(holder, Integer.toUnsignedString(bytes)));
    }
    ByteBuffer received = ByteBuffer.allocate(bytes);
    while (received.hasRemaining()) {
      HolderMessage message = read(call, holder);
      if (!message.hasChunk()
          || message.getChunk().getConnection() != held.getConnection()
          || message.getChunk().getData().size() > received.remaining()) {
        throw unexpected(holder, message);
      }
      message.getChunk().getData().copyTo(received);
    }
    return received.flip();
  }

  @Override
  public void passOnParked(Consumer<ParkedFrame> wanted) {
    synchronized (early) {
      receiver = wanted;
      early.forEach(wanted);
      early.clear();
    }
  }

  /** The holder takes it for granted as soon as it has said all that the VM needs. */
  @Override
  public void opening() {
    maySpeak = true;
  }

  @Override
  public void opened(Consumer<ParkedFrame> late) {
    passOnParked(late);
    send(ClaimMessage.newBuilder().setOpened(ClaimOpened.getDefaultInstance()).build());
  }

  /** The holder sends frames from the end of its states on. */
  private void listen() {
    try {
      HolderMessage message = read(call, holder);
      while (!message.hasDropped()) {
        if (!message.hasParked()) {
          throw unexpected(holder, message);
        }
        hear(message.getParked());
        message = read(call, holder);
      }
      dropped.complete(message.getDropped());
    } catch (StatusException | InterruptedException | RuntimeException e) {
      dropped.completeExceptionally(asFailure(holder, e));
    }
  }

  private void hear(ParkedFrame frame) {
    synchronized (early) {
      if (receiver == null) {
        early.add(frame);
      } else {
        receiver.accept(frame);
      }
    }
  }

  @Override
  public List<LedgerEntry> released(List<ConformedConnection> conformed) {
    send(
        ClaimMessage.newBuilder()
            .setReleased(ClaimReleased.newBuilder().addAllConnections(conformed))
            .build());
    try {
      List<LedgerEntry> ledger = dropped.join().getLedgerList();
      call.halfClose();
      finished = true;
      return ledger;
    } catch (CompletionException e) {
      throw asFailure(holder, e);
    }
  }

  @Override
  public void close() {
    if (!finished) {
      finished = true;
      if (!maySpeak) {
        tellGivenUp();
      }
      call.cancel("the claim was given up", null);
    }
  }

  /** Without this word the copies would stay silent: waits until it was heard, but not for ever. */
  private void tellGivenUp() {
    try {
      call.write(ClaimMessage.newBuilder().setGivenUp(ClaimGivenUp.getDefaultInstance()).build());
      call.halfClose();
      if (listening) {
        dropped.get(GIVEN_UP_SECONDS, TimeUnit.SECONDS);
      } else {
        while (call.read(GIVEN_UP_SECONDS, TimeUnit.SECONDS) != null) {
          // What was on its way already is wanted no more.
        }
      }
    } catch (ExecutionException e) {
      log.debug("The holder at {} has heard it, and ended the claim.", holder);
    } catch (StatusException | TimeoutException e) {
      log.debug("The holder at {} is not heard any more.", holder, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void send(ClaimMessage message) {
    try {
      if (!call.write(message)) {
        throw new HoldfastException(
            ErrorCode.HOLDER_UNREACHABLE, "The holder at " + holder + " closed the claim.");
      }
    } catch (StatusException | InterruptedException e) {
      throw asFailure(holder, e);
    }
  }

  private static HolderMessage read(
      BlockingClientCall<ClaimMessage, HolderMessage> call, String holder)
      throws StatusException, InterruptedException {
    HolderMessage message = call.read();
    if (message == null) {
      throw new HoldfastException(
          ErrorCode.HOLDER_UNREACHABLE, "The holder at " + holder + " ended the claim early.");
    }
    return message;
  }

  private static HoldfastException unexpected(String holder, HolderMessage message) {
    return new HoldfastException(
        ErrorCode.TARGET_DAEMON_INCOMPATIBLE,
        "The holder at %s answered %s where the protocol has something else."
            .formatted(holder, message.getBodyCase()));
  }

  private static HoldfastException asFailure(String holder, Exception e) {
    if (e instanceof StatusException status) {
      return RemoteHolder.failure(holder, status);
    }
    if (e instanceof InterruptedException) {
      Thread.currentThread().interrupt();
      return new HoldfastException(ErrorCode.SHUTTING_DOWN, "The claim was interrupted.");
    }
    return org.holdfast.api.StatusMapping.asHoldfastException(e);
  }
}
