package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.linux.AppSocket;
import org.holdfast.linux.Traffic;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.TrackedConnection;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A firewall on the host's bridge that lets through only what it saw begin, as clouds have it. The
 * target of a migration has seen nothing: this host becomes one by losing its memory while it
 * holds.
 */
@Tag("kernel")
@Timeout(60)
class HostFirewallTest {
  private static final Path BRIDGED_FRAMES_ARE_FILTERED =
      Path.of("/proc/sys/net/bridge/bridge-nf-call-iptables");
  private static final int PORT = 7000;
  private static final ByteBuffer WORDS = Traffic.bytes(1, 5000);

  private static final String WHAT_BEGAN_HERE =
      """
      add table inet cloud
      add chain inet cloud forward { type filter hook forward priority 0; policy drop; }
      add rule inet cloud forward meta l4proto icmpv6 accept
      add rule inet cloud forward ct state established accept
      add rule inet cloud forward tcp flags & (fin|syn|rst|ack) == syn ct state new accept
      """;

  private final List<AppSocket> open = new ArrayList<>();
  private TestNetwork network;
  private LinuxHostNetwork host;
  private GuestPorts guestPorts;
  private TakeoverNamespace takeover;

  private record Pair(AppSocket guest, AppSocket peer) {}

  @BeforeEach
  void build() {
    assumeThat(Files.exists(BRIDGED_FRAMES_ARE_FILTERED)).as("br_netfilter is loaded").isTrue();
    network = new TestNetwork(1);
    network.host().call(() -> TestNetwork.write("bridge/bridge-nf-call-iptables", 1));
    network.host().call(() -> TestNetwork.write("bridge/bridge-nf-call-ip6tables", 1));
    network.hostRules(WHAT_BEGAN_HERE);
    host = LinuxHostNetwork.in(network.hostNamespace());
    guestPorts = host.guestPorts(network.vmInterfaces());
    takeover = host.prepare(network.vmInterfaces(), HoldOptions.defaults());
  }

  @AfterEach
  void remove() {
    if (network == null) {
      return;
    }
    open.forEach(AppSocket::close);
    takeover.close();
    guestPorts.close();
    host.close();
    network.close();
  }

  @Test
  void whatTheSourceRemembersTheTargetKnows() throws Exception {
    List<Pair> pairs = new ArrayList<>();
    for (SocketFamily family : List.of(SocketFamily.IPV4, SocketFamily.IPV6)) {
      pairs.add(connect(family));
    }
    Pair forgotten = connect(SocketFamily.IPV4);
    OwnSockets agent = new OwnSockets(network.guest());
    takeover.fence();
    agent.takeOver(
        takeover, open.stream().filter(socket -> open.indexOf(socket) % 2 == 0).toList());
    List<TrackedConnection> tracked = takeover.tracked();
    assertThat(tracked).hasSize(3);

    forgetAll();
    takeover.shut();
    for (TrackedConnection one : tracked.subList(0, pairs.size())) {
      Pair pair = pairs.get(one.index());
      host.tracking().adopt(local(pair.guest()), local(pair.peer()), TcpState.ESTABLISHED, one);
    }
    agent.giveBack(takeover, guestPorts);

    for (Pair pair : pairs) {
      pair.peer().send(WORDS);
      Traffic.expect(pair.guest(), WORDS);
      pair.guest().send(WORDS);
      Traffic.expect(pair.peer(), WORDS);
    }
    forgotten.peer().send(WORDS);
    Thread.sleep(300);
    assertThat(forgotten.guest().receiveWhatIsThere(ByteBuffer.allocate(1)))
        .as("the firewall lets through what it does not know")
        .isEqualTo(-1);
  }

  @Test
  void whatIsRememberedOfOneConnectionIsNotBelievedOfAnother() {
    Pair one = connect(SocketFamily.IPV4);
    Pair other = connect(SocketFamily.IPV4);
    OwnSockets agent = new OwnSockets(network.guest());
    takeover.fence();
    agent.takeOver(takeover, List.of(one.guest()));
    TrackedConnection tracked = takeover.tracked().get(0);

    assertThatThrownBy(
            () ->
                host.tracking()
                    .adopt(
                        local(other.guest()), local(other.peer()), TcpState.ESTABLISHED, tracked))
        .isInstanceOfSatisfying(
            TakeoverException.class,
            e -> assertThat(e.code()).isEqualTo(TakeoverException.Code.TRACKING_FAILED));
  }

  /** Both families, to the last entry. */
  private void forgetAll() throws Exception {
    for (String family : List.of("ipv4", "ipv6")) {
      Process flushed =
          network
              .host()
              .call(() -> new ProcessBuilder("conntrack", "-F", "-f", family).inheritIO().start());
      assertThat(flushed.waitFor()).isZero();
    }
  }

  private static InetSocketAddress local(AppSocket socket) {
    return socket.localAddress();
  }

  private Pair connect(SocketFamily family) {
    String guest = family == SocketFamily.IPV6 ? "fd77:0::1" : "10.77.0.1";
    InetSocketAddress address = new InetSocketAddress(TestNetwork.address(guest), PORT);
    try (AppSocket server = network.guest().call(() -> AppSocket.listen(family, address))) {
      AppSocket peer = network.peer().call(() -> AppSocket.create(family));
      peer.connect(address);
      AppSocket accepted = server.accept(family);
      open.add(accepted);
      open.add(peer);
      return new Pair(accepted, peer);
    }
  }
}
