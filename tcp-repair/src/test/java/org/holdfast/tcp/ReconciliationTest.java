package org.holdfast.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A model of a connection whose two ends of a takeover lived apart: every count is drawn at random,
 * within what TCP allows, and every byte is compared.
 */
class ReconciliationTest {
  private static final int ROUNDS = 20_000;
  private static final int STREAM_BYTES = 3_000;

  @Test
  void noByteTwiceNoneLost() {
    int goingOn = 0;
    for (int seed = 0; seed < ROUNDS; seed++) {
      Lives lives = new Lives(new Random(seed));
      Reconciliation.Result result =
          Reconciliation.of(lives.own(), lives.reached(), split(lives.received()));
      lives.check(result, "seed " + seed);
      goingOn += result.onlyReceived() ? 1 : 0;
    }
    assertThat(goingOn).as("rounds where only receiving was left").isGreaterThan(ROUNDS / 1000);
  }

  @Test
  void refusesWhatCannotBeTheSameConnection() {
    Lives lives = new Lives(new Random(1));
    lives.receivedByOriginal = 100;
    lives.readByApplication = 100;
    lives.receivedByCopy = 300;
    lives.peerFinAtCopy = false;
    lives.peerFinAtOriginal = false;
    refused(lives.own(), lives.reached(), ByteBuffer.allocate(199), "only 199");
    lives.peerFinAtOriginal = true;
    refused(lives.own(), lives.reached(), ByteBuffer.allocate(200), "after the peer's FIN");
    lives.peerFinAtOriginal = false;
    lives.peerFinAtCopy = true;
    lives.receivedByCopy = 50;
    refused(lives.own(), lives.reached(), ByteBuffer.allocate(0), "after the peer's FIN");
    lives.peerFinAtCopy = false;
    lives.writtenAtExport = lives.writtenNow + 1;
    refused(lives.own(), lives.reached(), ByteBuffer.allocate(0), "send queue ends at");
  }

  @Test
  void aResetLosesNothingThatWasReceived() {
    Lives lives = new Lives(new Random(2));
    lives.peerFinAtCopy = false;
    lives.peerFinAtOriginal = false;
    lives.receivedByOriginal = 100;
    lives.readByApplication = 40;
    lives.receivedByCopy = 300;
    TcpSnapshot reached = lives.snapshot(TcpState.CLOSE, 0, 300, 0, 0, 0, 12, 104);
    Restoration restoration =
        Reconciliation.of(lives.own(), reached, split(lives.received())).restoration();
    assertThat(restoration.reset()).isTrue();
    assertThat(restoration.receiveBytes()).isEqualTo(260);
    assertThat(restoration.ownFin()).isEqualTo(OwnFin.NONE);
  }

  @Test
  void timestampsNeverGoBack() {
    for (int own : new int[] {0, 7, -2, Integer.MAX_VALUE}) {
      for (int later : new int[] {0, 1, 2, 1_000_001}) {
        Lives lives = new Lives(new Random(3));
        lives.ownTimestamp = own;
        lives.copyTimestamp = own + later;
        int restored =
            Reconciliation.of(lives.own(), lives.reached(), split(lives.received()))
                .restoration()
                .timestamp();
        assertThat(restored - (own + later)).isBetween(0, 1);
        assertThat(restored & 1).isEqualTo(own & 1);
      }
    }
  }

  /** As bytes travel: in several parts, some of them empty. */
  private static List<ByteBuffer> split(ByteBuffer received) {
    List<ByteBuffer> parts = new ArrayList<>(List.of(ByteBuffer.allocate(0)));
    ByteBuffer rest = received.duplicate();
    while (rest.hasRemaining()) {
      int bytes = Math.min(rest.remaining(), 37);
      parts.add(rest.slice(rest.position(), bytes));
      rest.position(rest.position() + bytes);
    }
    return parts;
  }

  private static void refused(
      TcpExport own, TcpSnapshot reached, ByteBuffer received, String reason) {
    assertThatThrownBy(() -> Reconciliation.of(own, reached, List.of(received)))
        .isInstanceOf(TcpRepairException.class)
        .hasMessageContaining(reason);
  }

  /** Counts of bytes from the start of either stream. */
  private static final class Lives {
    private final Random random;
    private final byte[] fromPeer = new byte[STREAM_BYTES];
    private final byte[] fromGuest = new byte[STREAM_BYTES];
    private final int peerSequence;
    private final int guestSequence;
    private final int acknowledgedNow;
    private final int sentByCopy;
    private final int acknowledgedToCopy;
    private final boolean shutDown;
    private int readByApplication;
    private int receivedByOriginal;
    private int receivedByCopy;
    private boolean peerFinAtOriginal;
    private boolean peerFinAtCopy;
    private int writtenAtExport;
    private int writtenNow;
    private int ownTimestamp = 10;
    private int copyTimestamp = 12;

    Lives(Random random) {
      this.random = random;
      random.nextBytes(fromPeer);
      random.nextBytes(fromGuest);
      // Close to the wrap in half of the rounds.
      peerSequence = random.nextBoolean() ? -random.nextInt(STREAM_BYTES) : random.nextInt();
      guestSequence = random.nextBoolean() ? -random.nextInt(STREAM_BYTES) : random.nextInt();
      int sentByPeer = from(0);
      int receivedAtExport = between(0, sentByPeer);
      receivedByOriginal = between(receivedAtExport, sentByPeer);
      receivedByCopy = between(receivedAtExport, sentByPeer);
      boolean peerFin = random.nextBoolean();
      peerFinAtOriginal = peerFin && receivedByOriginal == sentByPeer && random.nextBoolean();
      peerFinAtCopy = peerFin && receivedByCopy == sentByPeer && random.nextBoolean();
      readByApplication = between(0, receivedByOriginal);
      writtenNow = from(0);
      writtenAtExport = between(0, writtenNow);
      int sentAtExport = between(0, writtenAtExport);
      int acknowledgedAtExport = between(0, sentAtExport);
      acknowledgedNow = between(acknowledgedAtExport, sentAtExport);
      sentByCopy = between(sentAtExport, writtenAtExport);
      acknowledgedToCopy = between(acknowledgedAtExport, sentByCopy);
      shutDown = random.nextBoolean();
    }

    private int from(int low) {
      return between(low, STREAM_BYTES);
    }

    /** Both ends included, and likelier than the rest. */
    private int between(int low, int high) {
      return switch (random.nextInt(4)) {
        case 0 -> low;
        case 1 -> high;
        default -> low + random.nextInt(high - low + 1);
      };
    }

    TcpExport own() {
      TcpState state =
          shutDown
              ? (peerFinAtOriginal ? TcpState.LAST_ACK : TcpState.FIN_WAIT1)
              : (peerFinAtOriginal ? TcpState.CLOSE_WAIT : TcpState.ESTABLISHED);
      int unsent = random.nextInt(writtenNow - acknowledgedNow + 1);
      TcpSnapshot snapshot =
          snapshot(
              state,
              writtenNow,
              receivedByOriginal,
              writtenNow - acknowledgedNow,
              unsent,
              receivedByOriginal - readByApplication,
              ownTimestamp,
              0);
      return new TcpExport(
          snapshot,
          ByteBuffer.wrap(fromPeer, readByApplication, receivedByOriginal - readByApplication),
          ByteBuffer.wrap(fromGuest, acknowledgedNow, writtenNow - acknowledgedNow));
    }

    TcpSnapshot reached() {
      return snapshot(
          peerFinAtCopy ? TcpState.CLOSE_WAIT : TcpState.ESTABLISHED,
          writtenAtExport,
          receivedByCopy,
          writtenAtExport - acknowledgedToCopy,
          writtenAtExport - sentByCopy,
          receivedByCopy,
          copyTimestamp,
          0);
    }

    /** At least what is needed, often more. */
    ByteBuffer received() {
      int start = between(0, Math.min(receivedByOriginal, receivedByCopy));
      return ByteBuffer.wrap(fromPeer, start, receivedByCopy - start);
    }

    TcpSnapshot snapshot(
        TcpState state,
        int written,
        int received,
        int sendQueue,
        int unsent,
        int receiveQueue,
        int timestamp,
        int error) {
      return new TcpSnapshot(
          SocketFamily.IPV4,
          new InetSocketAddress("10.0.0.1", 80),
          new InetSocketAddress("10.0.0.2", 4000),
          state,
          guestSequence + written,
          peerSequence + received,
          sendQueue,
          unsent,
          receiveQueue,
          new NegotiatedOptions(true, true, true, 7, 7, 1460, false),
          timestamp,
          new TcpWindow(peerSequence + received, 1000, 2000, 3000, peerSequence + received),
          new RoundTripTime(0, 0),
          "cubic",
          false,
          false,
          0,
          error);
    }

    void check(Reconciliation.Result result, String which) {
      Restoration restoration = result.restoration();
      int received = Math.max(receivedByOriginal, receivedByCopy);
      int acknowledged = Math.max(acknowledgedNow, acknowledgedToCopy);
      assertThat(bytes(restoration.receiveQueue().toArray(ByteBuffer[]::new)))
          .as(which)
          .isEqualTo(Arrays.copyOfRange(fromPeer, readByApplication, received));
      assertThat(restoration.receiveStart()).as(which).isEqualTo(peerSequence + readByApplication);
      assertThat(bytes(restoration.sent(), restoration.unsent()))
          .as(which)
          .isEqualTo(Arrays.copyOfRange(fromGuest, acknowledged, writtenNow));
      assertThat(restoration.sendStart()).as(which).isEqualTo(guestSequence + acknowledged);
      assertThat(restoration.sent().remaining())
          .as(which)
          .isEqualTo(Math.max(0, sentByCopy - acknowledged));
      assertThat(restoration.peerFin()).as(which).isEqualTo(peerFinAtOriginal || peerFinAtCopy);
      assertThat(restoration.ownFin())
          .as(which)
          .isEqualTo(shutDown ? OwnFin.ON_RELEASE : OwnFin.NONE);
      assertThat(result.handedOver()).as(which).isEqualTo(received - receivedByOriginal);
      assertThat(result.acknowledged()).as(which).isEqualTo(acknowledged - acknowledgedNow);
      assertThat(result.writtenSince()).as(which).isEqualTo(writtenNow - writtenAtExport);
      assertThat(bytes(result.received().toArray(ByteBuffer[]::new)))
          .as(which)
          .isEqualTo(Arrays.copyOfRange(fromPeer, receivedByOriginal, received));
      boolean nothingSent = writtenNow == writtenAtExport && acknowledgedToCopy == writtenNow;
      assertThat(result.onlyReceived())
          .as(which)
          .isEqualTo(
              nothingSent
                  && acknowledgedNow == writtenNow
                  && !shutDown
                  && peerFinAtOriginal == peerFinAtCopy);
    }

    private static byte[] bytes(ByteBuffer... parts) {
      ByteBuffer all = ByteBuffer.allocate(2 * STREAM_BYTES);
      for (ByteBuffer part : parts) {
        all.put(part.duplicate());
      }
      return Arrays.copyOf(all.array(), all.position());
    }
  }
}
