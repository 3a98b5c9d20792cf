package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.linux.AppSocket;
import org.holdfast.linux.Traffic;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.tcp.SocketFamily;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A blackout is a gap, not a loss: peers whose data goes on all the time need not send it twice.
 */
@Tag("kernel")
@Timeout(240)
class NoRetransmissionsTest {
  private static final int TAKEOVERS = 100;

  /**
   * A busy machine moves a sender to another processor, and there frames overtake those that wait
   * on the first, with or without a takeover. Were anything lost, each takeover would cost some.
   */
  private static final int BY_CHANCE = TAKEOVERS / 20;

  private static final int PORT = 7000;
  private static final Duration HOLD = Duration.ofMillis(20);
  private static final Duration BETWEEN = Duration.ofMillis(30);

  private final List<AppSocket> guests = new ArrayList<>();
  private final List<AppSocket> peers = new ArrayList<>();
  private final ByteBuffer scratch = ByteBuffer.allocate(1 << 16);
  private volatile boolean ending;

  @Test
  void aHundredTakeoversCostPeersNoSegment() throws Exception {
    try (TestNetwork network = new TestNetwork(1)) {
      onlyLossesMakePeersSendAgain(network);
      Seen seen = takeOverAndOver(network);
      assertThat(seen.sentAgain()).isLessThan(BY_CHANCE);
    }
  }

  /** With the timers that peers usually have: none of them runs out but those for loss probes. */
  @Test
  void noPeerTimesOut() throws Exception {
    try (TestNetwork network = new TestNetwork(1)) {
      Seen seen = takeOverAndOver(network);
      assertThat(seen.counted().get("TCPTimeouts")).isLessThan(BY_CHANCE);
      assertThat(seen.counted().get("TCPLostRetransmit")).isLessThan(BY_CHANCE);
    }
  }

  private record Seen(long sentAgain, PeerCounters counted) {}

  private Seen takeOverAndOver(TestNetwork network) throws Exception {
    try (LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace())) {
      for (SocketFamily family : SocketFamily.values()) {
        connect(network, family);
        connect(network, family);
      }
      Thread traffic = new Thread(this::speakAndListen, "peers");
      traffic.start();
      echo();
      PeerCounters before = PeerCounters.read(network.peer());
      try (WireSequences wire = new WireSequences(network.peer(), "eth0")) {
        for (int i = 0; i < TAKEOVERS; i++) {
          cycle(network, host);
          echo();
        }
        wire.stop();
        PeerCounters counted = PeerCounters.read(network.peer()).since(before);
        System.out.printf(
            "%d takeovers: %d segments, sent again %s, the peers counted %s%n",
            TAKEOVERS, wire.segments(), wire.sentAgain(), counted);
        return new Seen(wire.sentAgainByOthersThan(TestNetwork.mac(0)), counted);
      } finally {
        ending = true;
        traffic.join();
        guests.forEach(AppSocket::close);
        peers.forEach(AppSocket::close);
      }
    }
  }

  /**
   * Peers' timers would count how long a busy machine takes for a blackout: they send again by
   * themselves after 200 ms, and a probe after 10. What is left is what they believe to be lost.
   */
  private static void onlyLossesMakePeersSendAgain(TestNetwork network) {
    network.peer().call(() -> TestNetwork.write("ipv4/tcp_early_retrans", 0));
    IpBatch patience =
        new IpBatch()
            .add(
                "route replace 10.77.0.0/24 dev eth0 proto kernel scope link src 10.77.0.50 rto_min 10s")
            .add("route replace fd77:0::/64 dev eth0 proto kernel metric 256 rto_min 10s");
    network.peer().call(() -> TestNetwork.run(patience));
  }

  private void connect(TestNetwork network, SocketFamily family) {
    String guest = family == SocketFamily.IPV6 ? "fd77:0::1" : "10.77.0.1";
    InetSocketAddress address = new InetSocketAddress(TestNetwork.address(guest), PORT);
    try (AppSocket server = network.guest().call(() -> AppSocket.listen(family, address))) {
      AppSocket peer = network.peer().call(() -> AppSocket.create(family));
      peer.connect(address);
      peers.add(peer);
      guests.add(server.accept(family));
    }
  }

  /** A few segments from every peer every millisecond, whatever happens to the VM. */
  private void speakAndListen() {
    ByteBuffer words = Traffic.bytes(1, 1000);
    ByteBuffer heard = ByteBuffer.allocate(1 << 16);
    while (!ending) {
      for (AppSocket peer : peers) {
        peer.sendWhatFits(words.duplicate());
        while (peer.receiveWhatIsThere(heard.clear()) > 0) {
          // on
        }
      }
      pause(Duration.ofMillis(1));
    }
  }

  /** What the guest's applications do while they are not standing still. */
  private void echo() {
    long end = System.nanoTime() + BETWEEN.toNanos();
    while (System.nanoTime() < end) {
      for (AppSocket guest : guests) {
        while (guest.receiveWhatIsThere(scratch.clear()) > 0) {
          guest.sendWhatFits(scratch.flip());
        }
      }
      pause(Duration.ofMillis(1));
    }
  }

  private void cycle(TestNetwork network, LinuxHostNetwork host) throws Exception {
    OwnSockets agent = new OwnSockets(network.guest());
    try (GuestPorts guestPorts = host.guestPorts(network.vmInterfaces());
        TakeoverNamespace takeover = host.prepare(network.vmInterfaces(), HoldOptions.defaults())) {
      takeover.fence();
      agent.takeOver(takeover, guests);
      takeover.announce();
      pause(HOLD);
      takeover.shut();
      agent.giveBack(takeover, guestPorts);
    }
  }

  private static void pause(Duration length) {
    try {
      Thread.sleep(length.toMillis());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
