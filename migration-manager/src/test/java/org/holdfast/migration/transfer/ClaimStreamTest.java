package org.holdfast.migration.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.holdfast.migration.hold.Claim;
import org.holdfast.migration.hold.FollowingFirewall;
import org.holdfast.migration.hold.HeldClaim;
import org.holdfast.migration.hold.Holder;
import org.holdfast.migration.hold.ReachedConnection;
import org.holdfast.proto.agent.v1.ConformedConnection;
import org.holdfast.proto.agent.v1.Ticket;
import org.holdfast.proto.connection.v1.ConnectionId;
import org.holdfast.proto.connection.v1.ConnectionState;
import org.holdfast.proto.connection.v1.Endpoint;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.Outcome;
import org.holdfast.proto.v1.ParkedFrame;
import org.holdfast.proto.v1.TrackedConnection;
import org.holdfast.takeover.ConnectionTracking;
import org.holdfast.takeover.ReceivedBytes;
import org.holdfast.takeover.TakeoverException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a holder gives arrives at the target through gRPC as it was given: bytes and order. */
@Timeout(20)
class ClaimStreamTest {
  private static final int LARGE = 700_000;
  private static final Ticket TICKET =
      Ticket.newBuilder().setSecret(ByteString.copyFromUtf8("a secret")).build();

  private final Given given = new Given();
  private Server server;
  private ManagedChannel channel;

  /** Two connections; of the second much was received before the copies fell silent. */
  private static final class Given implements HeldClaim {
    private final byte[] first = bytes(1, 1000);
    private final byte[] second = bytes(2, 3 * LARGE);
    private final CountDownLatch closed = new CountDownLatch(1);
    private boolean passedOnce;
    private boolean parkedPassed;
    private final List<ConformedConnection> released = new CopyOnWriteArrayList<>();

    private static byte[] bytes(long seed, int count) {
      byte[] bytes = new byte[count];
      new Random(seed).nextBytes(bytes);
      return bytes;
    }

    @Override
    public int connections() {
      return 2;
    }

    @Override
    public void passAhead(ReceivedBytes receiver) {
      if (!passedOnce) {
        receiver.accept(1, ByteBuffer.wrap(second, 0, LARGE));
        receiver.accept(0, ByteBuffer.wrap(first, 0, 10));
        passedOnce = true;
      } else {
        receiver.accept(1, ByteBuffer.wrap(second, LARGE, LARGE).asReadOnlyBuffer());
      }
    }

    @Override
    public void take(Consumer<ReachedConnection> sink) {
      sink.accept(reached(0, first.length, List.of(ByteBuffer.wrap(first, 10, 990))));
      List<ByteBuffer> rest =
          List.of(
              ByteBuffer.wrap(second, 2 * LARGE, 5),
              ByteBuffer.allocate(0),
              ByteBuffer.wrap(second, 2 * LARGE + 5, LARGE - 5));
      sink.accept(reached(1, second.length, rest));
    }

    private static ReachedConnection reached(int index, int bytes, List<ByteBuffer> rest) {
      ConnectionState state = ConnectionState.newBuilder().setReceiveQueueBytes(bytes).build();
      return new ReachedConnection(index, state, rest, bytes);
    }

    @Override
    public void passOnParked(Consumer<ParkedFrame> receiver) {
      if (!parkedPassed) {
        parkedPassed = true;
        receiver.accept(frame("early"));
      }
    }

    @Override
    public void opening() {}

    @Override
    public void opened(Consumer<ParkedFrame> late) {
      late.accept(frame("late"));
    }

    private static ParkedFrame frame(String text) {
      return ParkedFrame.newBuilder().setFrame(ByteString.copyFromUtf8(text)).build();
    }

    @Override
    public List<TrackedConnection> tracked() {
      return List.of(tracked(0), tracked(1));
    }

    private static TrackedConnection tracked(int connection) {
      Endpoint end =
          Endpoint.newBuilder()
              .setAddress(ByteString.copyFrom(new byte[] {10, 77, 0, 1}))
              .setPort(7000 + connection)
              .build();
      return TrackedConnection.newBuilder()
          .setConnection(connection)
          .setId(ConnectionId.newBuilder().setLocal(end).setPeer(end))
          .setState(org.holdfast.proto.connection.v1.TcpState.TCP_STATE_ESTABLISHED)
          .setEntry(ByteString.copyFromUtf8("entry " + connection))
          .build();
    }

    @Override
    public List<LedgerEntry> released(List<ConformedConnection> connections) {
      released.addAll(connections);
      return List.of(LedgerEntry.newBuilder().setOutcome(Outcome.OUTCOME_KEPT).build());
    }

    @Override
    public void close() {
      closed.countDown();
    }

    @Override
    public void lost() {}
  }

  @BeforeEach
  void serve() throws IOException {
    server =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .addService(new TransferServer(new NoTarget(), proof -> given, NoTarget::run))
            .build()
            .start();
    channel =
        Grpc.newChannelBuilder("localhost:" + server.getPort(), InsecureChannelCredentials.create())
            .build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  @Test
  void everyByteArrivesOnceAndInOrder() {
    List<ByteArrayOutputStream> received =
        List.of(new ByteArrayOutputStream(), new ByteArrayOutputStream());
    List<String> frames = new ArrayList<>();
    try (Claim claim = claim()) {
      assertThat(claim.connections()).isEqualTo(2);
      claim.passAhead((index, bytes) -> add(received, index, bytes));
      assertThat(received.get(1).size()).isEqualTo(LARGE);
      claim.passAhead((index, bytes) -> add(received, index, bytes));
      assertThat(received.get(1).size()).isEqualTo(2 * LARGE);
      claim.take(
          reached -> {
            reached.received().forEach(part -> add(received, reached.index(), part));
            assertThat(received.get(reached.index()).size())
                .isEqualTo(reached.reached().getReceiveQueueBytes());
          });
      claim.passOnParked(frame -> frames.add(frame.getFrame().toStringUtf8()));
      claim.opened(frame -> frames.add(frame.getFrame().toStringUtf8()));
      assertThat(claim.released(List.of())).hasSize(1);
    }
    assertThat(received.get(0).toByteArray()).isEqualTo(given.first);
    assertThat(received.get(1).toByteArray()).isEqualTo(given.second);
    assertThat(frames).containsExactly("early", "late");
  }

  /** What this host's firewall cannot be told, the holder's ledger names. */
  @Test
  void whatTheHoldersFirewallKnowsComesFirst() {
    List<String> adopted = new ArrayList<>();
    ConnectionTracking tracking =
        (vm, peer, state, tracked) -> {
          if (tracked.index() == 1) {
            throw new TakeoverException(
                TakeoverException.Code.TRACKING_FAILED, "the table is full");
          }
          adopted.add(vm + " " + state + " " + StandardCharsets.UTF_8.decode(tracked.entry()));
        };
    Holder holder = new FollowingFirewall(new RemoteHolder(channel, "holder"), tracking);
    try (Claim claim = holder.claim(TICKET, UUID.randomUUID())) {
      assertThat(adopted).containsExactly("/10.77.0.1:7000 ESTABLISHED entry 0");
      claim.take(reached -> {});
      claim.passOnParked(frame -> {});
      claim.opened(frame -> {});
      claim.released(List.of(conformed(0), conformed(1)));
    }
    assertThat(given.released)
        .extracting(ConformedConnection::getProblem)
        .satisfiesExactly(
            first -> assertThat(first).isEmpty(),
            second -> assertThat(second).contains("firewall").contains("the table is full"));
  }

  private static ConformedConnection conformed(int connection) {
    return ConformedConnection.newBuilder().setConnection(connection).setConformed(true).build();
  }

  /** An agent that is older takes nothing ahead; the holder must not wait for it. */
  @Test
  void aTargetThatTakesNothingAheadIsGivenTheRestAllTheSame() {
    try (Claim claim = claim()) {
      List<Integer> indexes = new ArrayList<>();
      claim.take(reached -> indexes.add(reached.index()));
      assertThat(indexes).containsExactly(0, 1);
    }
  }

  @Test
  void aTargetThatGivesUpInBetweenLetsTheHolderGoOn() throws InterruptedException {
    try (Claim claim = claim()) {
      claim.passAhead((index, bytes) -> {});
    }
    assertThat(given.closed.await(10, TimeUnit.SECONDS)).isTrue();
  }

  private Claim claim() {
    return new RemoteHolder(channel, "holder").claim(TICKET, UUID.randomUUID());
  }

  private static void add(List<ByteArrayOutputStream> received, int index, ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    received.get(index).writeBytes(copy);
  }
}
