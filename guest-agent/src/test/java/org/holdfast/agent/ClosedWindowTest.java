package org.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.holdfast.agent.proc.KernelText;
import org.holdfast.linux.AppSocket;
import org.holdfast.linux.NetworkNamespaces;
import org.holdfast.linux.NetworkNamespaces.Place;
import org.holdfast.linux.Traffic;
import org.holdfast.tcp.SocketFamily;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A peer that does not read for as long as the guest is away: the guest's own socket asks it again
 * and again, behind the fence, and is never answered.
 */
@Tag("kernel")
@Timeout(120)
class ClosedWindowTest {
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVBUF = 8;
  private static final int SMALL = 8192;
  static final String RETRIES = "net/ipv4/tcp_retries2";

  /** Given up after two unanswered probes: a second, instead of a quarter of an hour. */
  private static final String FEW = "2";

  private static final int LONGER_MILLIS = 5000;
  private static final ByteBuffer MUCH = Traffic.bytes(1, 300_000);

  @TempDir Path directory;

  @Test
  void isNotGivenUpWhileTheGuestIsAway() throws Exception {
    try (NetworkNamespaces network = new NetworkNamespaces();
        EchoServer server = EchoServer.start(network.nameOf(Place.GUEST), directory, List.of());
        AgentProcess agent =
            AgentProcess.start(network.nameOf(Place.GUEST), directory, "--no-rehearsal");
        Holder holder = new Holder(network, agent.host());
        AppSocket peer = connect(network)) {
      network.sysctl(Place.GUEST, RETRIES, FEW);
      peer.forceSendBuffer(2 * MUCH.capacity());
      peer.send(MUCH.duplicate());
      Thread.sleep(500); // all is echoed that fits the peer's window
      holder.takeOver();
      Thread.sleep(LONGER_MILLIS);
      holder.conform();
      holder.release();

      Traffic.expect(peer, MUCH);
      assertThat(server.complaints()).isEmpty();
      assertThat(retries(network)).isEqualTo(FEW);
    }
  }

  /** A peer of the echo server whose window is soon full. */
  static AppSocket connect(NetworkNamespaces network) {
    AppSocket peer = network.in(Place.PEER).call(() -> AppSocket.create(SocketFamily.IPV4));
    peer.setOption(SOL_SOCKET, SO_RCVBUF, SMALL);
    peer.connect(NetworkNamespaces.address(Place.GUEST, SocketFamily.IPV4, EchoServer.PORT_IPV4));
    return peer;
  }

  static String retries(NetworkNamespaces network) {
    return network
        .in(Place.GUEST)
        .call(() -> KernelText.read(Path.of("/proc/sys", RETRIES)).orElseThrow().strip());
  }
}
