package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.holdfast.linux.AppSocket;
import org.holdfast.linux.Traffic;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.tcp.SocketFamily;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A hold lasts longer than either side's patience. The guest runs all the while, behind its fence:
 * its own sockets get no answer, and must not give up.
 */
@Tag("kernel")
@Timeout(60)
class NothingTimesOutTest {
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVBUF = 8;
  private static final int SO_KEEPALIVE = 9;
  private static final int TCP = 6;
  private static final int TCP_KEEPIDLE = 4;
  private static final int TCP_KEEPINTVL = 5;
  private static final int TCP_KEEPCNT = 6;
  private static final int TCP_USER_TIMEOUT = 18;

  private static final int PORT = 7000;
  private static final int IMPATIENCE_MILLIS = 1500;
  private static final int HOLD_SECONDS = 6;
  private static final int BYTES_A_TENTH_OF_A_SECOND = 10_000;
  private static final ByteBuffer WORDS = Traffic.bytes(1, 5000);
  private static final ByteBuffer MUCH = Traffic.bytes(2, 2_000_000);

  private final List<AppSocket> open = new ArrayList<>();
  private TestNetwork network;
  private LinuxHostNetwork host;
  private GuestPorts guestPorts;
  private TakeoverNamespace takeover;
  private AppSocket server;

  private record Pair(AppSocket guest, AppSocket peer) {}

  @BeforeEach
  void build() {
    network = new TestNetwork(1);
    host = LinuxHostNetwork.in(network.hostNamespace());
    guestPorts = host.guestPorts(network.vmInterfaces());
    takeover = host.prepare(network.vmInterfaces(), HoldOptions.defaults());
    server = network.guest().call(() -> AppSocket.listen(SocketFamily.IPV4, address()));
  }

  @AfterEach
  void remove() {
    open.forEach(AppSocket::close);
    server.close();
    takeover.close();
    guestPorts.close();
    host.close();
    network.close();
  }

  @Test
  void neitherSideGivesUp() throws Exception {
    // Two unanswered retransmissions, instead of fifteen in a quarter of an hour.
    network.guest().call(() -> TestNetwork.write("ipv4/tcp_retries2", 2));
    Pair usual = connect();
    Pair impatientGuest = connect();
    impatientGuest.guest().setOption(TCP, TCP_USER_TIMEOUT, IMPATIENCE_MILLIS);
    Pair probingGuest = connect();
    keepAlive(probingGuest.guest());
    Pair impatientPeer = connect();
    impatientPeer.peer().setOption(TCP, TCP_USER_TIMEOUT, IMPATIENCE_MILLIS);
    Pair probingPeer = connect();
    keepAlive(probingPeer.peer());
    Thread.sleep(300);
    OwnSockets agent = new OwnSockets(network.guest());
    takeover.fence();
    agent.takeOver(takeover, open.stream().filter(socket -> isGuest(socket)).toList());
    usual.guest().send(WORDS);
    impatientGuest.guest().send(WORDS);
    for (int i = 0; i < 10 * HOLD_SECONDS; i++) {
      impatientPeer.peer().send(Traffic.bytes(i, BYTES_A_TENTH_OF_A_SECOND));
      Thread.sleep(100);
    }
    takeover.shut();
    agent.giveBack(takeover, guestPorts);

    for (int i = 0; i < 10 * HOLD_SECONDS; i++) {
      Traffic.expect(impatientPeer.guest(), Traffic.bytes(i, BYTES_A_TENTH_OF_A_SECOND));
    }
    Traffic.expect(usual.peer(), WORDS);
    Traffic.expect(impatientGuest.peer(), WORDS);
    for (Pair pair : List.of(usual, impatientGuest, probingGuest, impatientPeer, probingPeer)) {
      stillWorks(pair);
    }
    assertThat(impatientGuest.guest().option(TCP, TCP_USER_TIMEOUT)).isEqualTo(IMPATIENCE_MILLIS);
    assertThat(usual.guest().option(TCP, TCP_USER_TIMEOUT)).isZero();
  }

  /** A guest that is given up on taking over is as patient as it was. */
  @Test
  void aTakeoverThatDoesNotComeAboutLeavesNoPatienceBehind() {
    Pair pair = connect();
    pair.guest().setOption(TCP, TCP_USER_TIMEOUT, IMPATIENCE_MILLIS);
    try (var agent = pair.guest().adopt()) {
      agent.export(org.holdfast.tcp.RepairSocket.AfterExport.LEAVE_SILENTLY);
    }
    assertThat(pair.guest().option(TCP, TCP_USER_TIMEOUT)).isEqualTo(IMPATIENCE_MILLIS);
  }

  @Test
  void whatAnApplicationAsksForMeanwhileStays() throws Exception {
    Pair pair = connect();
    OwnSockets agent = new OwnSockets(network.guest());
    takeover.fence();
    agent.takeOver(takeover, List.of(pair.guest()));
    pair.guest().setOption(TCP, TCP_USER_TIMEOUT, 77_000);
    takeover.shut();
    agent.giveBack(takeover, guestPorts);
    assertThat(pair.guest().option(TCP, TCP_USER_TIMEOUT)).isEqualTo(77_000);
  }

  @Test
  void closedWindowsOnEitherSideStayOnlyClosed() throws Exception {
    Pair peerDoesNotRead = connect();
    Pair guestDoesNotRead = connect();
    Pair peerReadsMeanwhile = connect();
    for (Pair pair : List.of(peerDoesNotRead, peerReadsMeanwhile)) {
      pair.guest().forceSendBuffer(2 * MUCH.capacity());
      pair.guest().send(MUCH);
    }
    guestDoesNotRead.peer().forceSendBuffer(2 * MUCH.capacity());
    guestDoesNotRead.peer().send(MUCH);
    Thread.sleep(300);
    OwnSockets agent = new OwnSockets(network.guest());
    takeover.fence();
    agent.takeOver(takeover, open.stream().filter(socket -> isGuest(socket)).toList());
    CompletableFuture<Void> reading =
        CompletableFuture.runAsync(() -> Traffic.expect(peerReadsMeanwhile.peer(), MUCH));
    Thread.sleep(1000L * HOLD_SECONDS);
    assertThat(reading).as("the copy delivers what the guest had written").isCompleted();
    takeover.shut();
    agent.giveBack(takeover, guestPorts);
    Traffic.expect(peerDoesNotRead.peer(), MUCH);
    Traffic.expect(guestDoesNotRead.guest(), MUCH);
    for (Pair pair : List.of(peerDoesNotRead, guestDoesNotRead, peerReadsMeanwhile)) {
      stillWorks(pair);
    }
  }

  private static void keepAlive(AppSocket socket) {
    socket.setOption(SOL_SOCKET, SO_KEEPALIVE, 1);
    socket.setOption(TCP, TCP_KEEPIDLE, 1);
    socket.setOption(TCP, TCP_KEEPINTVL, 1);
    socket.setOption(TCP, TCP_KEEPCNT, 2);
  }

  private static void stillWorks(Pair pair) {
    pair.guest().send(WORDS);
    Traffic.expect(pair.peer(), WORDS);
    pair.peer().send(WORDS);
    Traffic.expect(pair.guest(), WORDS);
  }

  private boolean isGuest(AppSocket socket) {
    return open.indexOf(socket) % 2 == 0;
  }

  private Pair connect() {
    AppSocket peer = network.peer().call(() -> AppSocket.create(SocketFamily.IPV4));
    peer.setOption(SOL_SOCKET, SO_RCVBUF, 40_000);
    peer.connect(address());
    AppSocket guest = server.accept(SocketFamily.IPV4);
    open.add(guest);
    open.add(peer);
    return new Pair(guest, peer);
  }

  private static InetSocketAddress address() {
    return new InetSocketAddress(TestNetwork.address("10.77.0.1"), PORT);
  }
}
