package org.holdfast.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.holdfast.linux.NetworkNamespaces.Place;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Half-closed connections keep their state, their data and their end of file. */
@Tag("kernel")
class FinStatesTest {
  private static final ByteBuffer UNREAD = Traffic.bytes(1, 30_000);
  private static final ByteBuffer WHILE_HELD = Traffic.bytes(2, 300_000);
  private static final ByteBuffer LAST_WORDS = Traffic.bytes(3, 20_000);

  private NetworkNamespaces network;

  @BeforeEach
  void buildNetwork() {
    network = new NetworkNamespaces();
  }

  @AfterEach
  void removeNetwork() {
    network.close();
  }

  @ParameterizedTest
  @EnumSource
  void closeWait(SocketFamily family) {
    try (TcpPair pair = TcpPair.connect(network, family)) {
      pair.peer().send(UNREAD);
      pair.peer().shutdownSending();
      awaitState(pair, TcpState.CLOSE_WAIT);
      try (Takeover takeover = Takeover.of(network, pair)) {
        assertThat(takeover.copy().state()).isEqualTo(TcpState.CLOSE_WAIT);
        takeover.giveBack();
        assertThat(takeover.original().state()).isEqualTo(TcpState.CLOSE_WAIT);
      }
      Traffic.expect(pair.guest(), UNREAD);
      Traffic.expectEnd(pair.guest());
      lastWordsOfGuest(pair);
      awaitState(pair, TcpState.CLOSE);
    }
  }

  @Test
  void closeWaitWhoseEndWasRead() {
    try (TcpPair pair = TcpPair.connect(network, SocketFamily.IPV4)) {
      pair.peer().send(UNREAD);
      pair.peer().shutdownSending();
      Traffic.expect(pair.guest(), UNREAD);
      Traffic.expectEnd(pair.guest());
      try (Takeover takeover = Takeover.of(network, pair)) {
        takeover.giveBack();
      }
      Traffic.expectEnd(pair.guest());
      lastWordsOfGuest(pair);
    }
  }

  @ParameterizedTest
  @EnumSource
  void finWait2(SocketFamily family) {
    try (TcpPair pair = TcpPair.connect(network, family)) {
      pair.guest().send(UNREAD);
      pair.guest().shutdownSending();
      awaitState(pair, TcpState.FIN_WAIT2);
      try (Takeover takeover = Takeover.of(network, pair)) {
        assertThat(takeover.copy().state()).isEqualTo(TcpState.FIN_WAIT2);
        pair.peer().send(WHILE_HELD);
        takeover.giveBack();
        assertThat(takeover.original().state()).isEqualTo(TcpState.FIN_WAIT2);
      }
      Traffic.expect(pair.guest(), WHILE_HELD);
      Traffic.expect(pair.peer(), UNREAD);
      Traffic.expectEnd(pair.peer());
      lastWordsOfPeer(pair);
    }
  }

  @ParameterizedTest
  @EnumSource
  void finWait1(SocketFamily family) {
    try (TcpPair pair = TcpPair.connect(network, family)) {
      loseFinsToPeer();
      pair.guest().send(UNREAD);
      pair.guest().shutdownSending();
      awaitState(pair, TcpState.FIN_WAIT1);
      try (Takeover takeover = Takeover.of(network, pair)) {
        pair.peer().send(WHILE_HELD);
        awaitReceived(takeover.copy(), WHILE_HELD.remaining());
        Takeover.Conforming conforming = takeover.conforming();
        loseNothing();
        conforming.finish();
        awaitState(pair, TcpState.FIN_WAIT2);
      }
      Traffic.expect(pair.guest(), WHILE_HELD);
      Traffic.expect(pair.peer(), UNREAD);
      Traffic.expectEnd(pair.peer());
      lastWordsOfPeer(pair);
    }
  }

  @ParameterizedTest
  @EnumSource
  void lastAck(SocketFamily family) {
    try (TcpPair pair = TcpPair.connect(network, family)) {
      pair.peer().send(UNREAD);
      pair.peer().shutdownSending();
      loseFinsToPeer();
      awaitState(pair, TcpState.CLOSE_WAIT);
      pair.guest().send(LAST_WORDS);
      pair.guest().shutdownSending();
      awaitState(pair, TcpState.LAST_ACK);
      try (Takeover takeover = Takeover.of(network, pair)) {
        Takeover.Conforming conforming = takeover.conforming();
        loseNothing();
        conforming.finish();
        awaitState(pair, TcpState.CLOSE);
      }
      Traffic.expect(pair.guest(), UNREAD);
      Traffic.expectEnd(pair.guest());
      Traffic.expect(pair.peer(), LAST_WORDS);
      Traffic.expectEnd(pair.peer());
    }
  }

  @ParameterizedTest
  @EnumSource
  void closing(SocketFamily family) {
    try (TcpPair pair = TcpPair.connect(network, family)) {
      loseFinsToPeer();
      pair.guest().shutdownSending();
      pair.peer().send(UNREAD);
      pair.peer().shutdownSending();
      awaitState(pair, TcpState.CLOSING);
      try (Takeover takeover = Takeover.of(network, pair)) {
        assertThat(takeover.copy().state()).isEqualTo(TcpState.CLOSING);
        Takeover.Conforming conforming = takeover.conforming();
        assertThat(takeover.original().state()).isEqualTo(TcpState.CLOSING);
        loseNothing();
        conforming.finish();
        awaitState(pair, TcpState.CLOSE);
      }
      Traffic.expect(pair.guest(), UNREAD);
      Traffic.expectEnd(pair.guest());
      Traffic.expectEnd(pair.peer());
    }
  }

  @ParameterizedTest
  @EnumSource
  void peerClosesWhileHeld(SocketFamily family) {
    try (TcpPair pair = TcpPair.connect(network, family)) {
      pair.peer().send(UNREAD);
      awaitUnread(pair, UNREAD.remaining());
      try (Takeover takeover = Takeover.of(network, pair)) {
        pair.peer().send(WHILE_HELD);
        pair.peer().shutdownSending();
        awaitState(takeover.copy(), Set.of(TcpState.CLOSE_WAIT));
        takeover.giveBack();
        assertThat(takeover.original().state()).isEqualTo(TcpState.CLOSE_WAIT);
      }
      Traffic.expect(pair.guest(), UNREAD);
      Traffic.expect(pair.guest(), WHILE_HELD);
      Traffic.expectEnd(pair.guest());
      lastWordsOfGuest(pair);
      awaitState(pair, TcpState.CLOSE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void applicationShutsDownWhileHeld(SocketFamily family) {
    try (TcpPair pair = TcpPair.connect(network, family)) {
      try (Takeover takeover = Takeover.of(network, pair)) {
        pair.guest().send(LAST_WORDS);
        pair.guest().shutdownSending();
        pair.peer().send(WHILE_HELD);
        takeover.giveBack();
        awaitState(pair, TcpState.FIN_WAIT2);
      }
      Traffic.expect(pair.peer(), LAST_WORDS);
      Traffic.expectEnd(pair.peer());
      Traffic.expect(pair.guest(), WHILE_HELD);
      lastWordsOfPeer(pair);
    }
  }

  @Test
  void bothShutDownWhileHeld() {
    try (TcpPair pair = TcpPair.connect(network, SocketFamily.IPV4)) {
      try (Takeover takeover = Takeover.of(network, pair)) {
        pair.guest().send(LAST_WORDS);
        pair.guest().shutdownSending();
        pair.peer().send(WHILE_HELD);
        pair.peer().shutdownSending();
        awaitState(takeover.copy(), Set.of(TcpState.CLOSE_WAIT));
        takeover.giveBack();
        awaitState(pair, TcpState.CLOSE);
      }
      Traffic.expect(pair.peer(), LAST_WORDS);
      Traffic.expectEnd(pair.peer());
      Traffic.expect(pair.guest(), WHILE_HELD);
      Traffic.expectEnd(pair.guest());
    }
  }

  @ParameterizedTest
  @EnumSource
  void connectionEndsWhileHeld(SocketFamily family) {
    try (TcpPair pair = TcpPair.connect(network, family)) {
      pair.guest().shutdownSending();
      awaitState(pair, TcpState.FIN_WAIT2);
      try (Takeover takeover = Takeover.of(network, pair)) {
        pair.peer().send(WHILE_HELD);
        pair.peer().shutdownSending();
        awaitState(takeover.copy(), Set.of(TcpState.CLOSE));
        takeover.giveBack();
        assertThat(takeover.original().state()).isEqualTo(TcpState.CLOSE);
      }
      Traffic.expect(pair.guest(), WHILE_HELD);
      Traffic.expectEnd(pair.guest());
      Traffic.expectEnd(pair.peer());
    }
  }

  @ParameterizedTest
  @EnumSource
  void peerResetsWhileHeld(SocketFamily family) {
    TcpPair pair = TcpPair.connect(network, family);
    try (AppSocket guest = pair.guest();
        Takeover takeover = Takeover.of(network, pair)) {
      pair.peer().send(WHILE_HELD);
      awaitReceived(takeover.copy(), WHILE_HELD.remaining());
      pair.peer().closeAbruptly();
      awaitState(takeover.copy(), Set.of(TcpState.CLOSE));
      takeover.giveBack();
      Traffic.expect(guest, WHILE_HELD);
      KernelException error =
          catchThrowableOfType(KernelException.class, () -> guest.receive(ByteBuffer.allocate(1)));
      assertThat(error.errno()).isEqualTo(Errno.ECONNRESET);
    }
  }

  @Test
  void applicationThatStoppedReadingStillDoesNotRead() {
    try (TcpPair pair = TcpPair.connect(network, SocketFamily.IPV4)) {
      pair.guest().shutdownReceiving();
      try (Takeover takeover = Takeover.of(network, pair)) {
        takeover.giveBack();
      }
      Traffic.expectEnd(pair.guest());
      pair.guest().send(LAST_WORDS);
      Traffic.expect(pair.peer(), LAST_WORDS);
    }
  }

  private static void lastWordsOfGuest(TcpPair pair) {
    pair.guest().send(LAST_WORDS);
    pair.guest().shutdownSending();
    Traffic.expect(pair.peer(), LAST_WORDS);
    Traffic.expectEnd(pair.peer());
  }

  private static void lastWordsOfPeer(TcpPair pair) {
    pair.peer().send(LAST_WORDS);
    pair.peer().shutdownSending();
    Traffic.expect(pair.guest(), LAST_WORDS);
    Traffic.expectEnd(pair.guest());
  }

  private void loseFinsToPeer() {
    network.rules(
        Place.PEER,
        "table inet loss { chain input { type filter hook input priority 0;"
            + " tcp flags & fin == fin drop; }; }");
  }

  private void loseNothing() {
    network.rules(Place.PEER, "delete table inet loss\n");
  }

  private static void awaitState(TcpPair pair, TcpState state) {
    await(
        () -> TcpCalls.ofThread().info(pair.guest().descriptor()).state(), Set.of(state)::contains);
  }

  private static void awaitState(RepairSocket socket, Set<TcpState> states) {
    await(socket::state, states::contains);
  }

  private static void awaitReceived(RepairSocket socket, int bytes) {
    await(
        () -> TcpCalls.ofThread().ioctl(socket.descriptor(), LinuxConstants.SIOCINQ),
        count -> count == bytes);
  }

  private static void awaitUnread(TcpPair pair, int bytes) {
    await(
        () -> TcpCalls.ofThread().ioctl(pair.guest().descriptor(), LinuxConstants.SIOCINQ),
        count -> count == bytes);
  }

  private static <T> void await(
      java.util.function.Supplier<T> value, java.util.function.Predicate<T> wanted) {
    long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
    T seen = value.get();
    while (!wanted.test(seen) && System.nanoTime() < deadline) {
      LockSupport.parkNanos(1_000_000);
      seen = value.get();
    }
    assertThat(wanted.test(seen)).as("seen in the end: %s", seen).isTrue();
  }
}
