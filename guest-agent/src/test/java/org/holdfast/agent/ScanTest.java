package org.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.NetworkNamespaces;
import org.holdfast.linux.NetworkNamespaces.Place;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.agent.v1.ScannedConnection;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.holdfast.tcp.SocketFamily;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the real agent says of real connections, one of each kind. */
@Tag("kernel")
class ScanTest {
  private static final int TEST_PORT = 7100;

  @TempDir Path directory;

  @Test
  void namesEachConnectionItsOwnerAndWhyItIsLeft() throws Exception {
    try (NetworkNamespaces network = new NetworkNamespaces();
        EchoServer server = EchoServer.start(network.nameOf(Place.GUEST), directory, List.of());
        AgentProcess agent =
            AgentProcess.start(network.nameOf(Place.GUEST), directory, "--no-rehearsal");
        EchoPeer peer =
            EchoPeer.connect(
                network,
                NetworkNamespaces.address(Place.GUEST, SocketFamily.IPV4, EchoServer.PORT_IPV4),
                1)) {
      NamespaceThread guest = network.in(Place.GUEST);
      ServerSocketChannel listener = guest.call(() -> listen());
      Socket notAccepted = connect(network.in(Place.PEER), TEST_PORT);
      SocketChannel toItself = guest.call(() -> SocketChannel.open(local(TEST_PORT)));
      Process neighbour = sleeper(network.nameOf(Place.PEER));
      SocketChannel connecting = guest.call(() -> beginConnecting());
      List<ScannedConnection> found = scan(agent.host());
      assertThat(at(found, EchoServer.PORT_IPV4, peer.port()))
          .satisfies(
              connection -> {
                assertThat(connection.getManageable()).isTrue();
                assertThat(connection.getOwner()).isEqualTo("python3[" + server.pid() + "]");
              });
      assertThat(at(found, TEST_PORT, notAccepted.getLocalPort()).getReason())
          .isEqualTo(UnmanagedReason.UNMANAGED_REASON_NOT_ACCEPTED);
      assertThat(found)
          .filteredOn(c -> c.getReason() == UnmanagedReason.UNMANAGED_REASON_LOCAL)
          .hasSize(2);
      assertThat(found)
          .filteredOn(c -> c.getReason() == UnmanagedReason.UNMANAGED_REASON_CONNECTING)
          .hasSize(1);
      // The peer's own end of the same connection lives in another namespace.
      assertThat(at(found, peer.port(), EchoServer.PORT_IPV4).getReason())
          .isEqualTo(UnmanagedReason.UNMANAGED_REASON_OTHER_NAMESPACE);
      neighbour.destroyForcibly().waitFor();
      connecting.close();
      toItself.close();
      notAccepted.close();
      listener.close();
    }
  }

  private static List<ScannedConnection> scan(HostSide host) throws IOException {
    List<GuestMessage> answer = host.ask(Requests.scan());
    assertThat(answer.get(0).getScanResult().getInterfacesList())
        .anyMatch(found -> found.getName().equals("eth0") && found.getAddressesCount() >= 2);
    return answer.stream()
        .flatMap(message -> message.getScanResult().getConnectionsList().stream())
        .toList();
  }

  private static ScannedConnection at(List<ScannedConnection> found, int localPort, int peerPort) {
    return found.stream()
        .filter(connection -> connection.getId().getLocal().getPort() == localPort)
        .filter(connection -> connection.getId().getPeer().getPort() == peerPort)
        .findFirst()
        .orElseThrow(() -> new AssertionError("not found among " + found));
  }

  private static InetSocketAddress local(int port) {
    return NetworkNamespaces.address(Place.GUEST, SocketFamily.IPV4, port);
  }

  /** A namespace is known by the processes that live in it. */
  private static Process sleeper(String namespace) throws IOException {
    return new ProcessBuilder("nsenter", "--net=/run/netns/" + namespace, "sleep", "60").start();
  }

  private static ServerSocketChannel listen() throws IOException {
    return ServerSocketChannel.open().bind(local(TEST_PORT));
  }

  /** To an address of the subnet that nobody has: stays in SYN_SENT. */
  private static SocketChannel beginConnecting() throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    channel.connect(new InetSocketAddress("10.77.0.99", 80));
    return channel;
  }

  private static Socket connect(NamespaceThread where, int port) throws IOException {
    return where.call(
        () -> {
          Socket socket = new Socket();
          socket.connect(local(port));
          return socket;
        });
  }
}
