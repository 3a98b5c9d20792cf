package org.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.linux.NetworkNamespaces;
import org.holdfast.linux.NetworkNamespaces.Place;
import org.holdfast.proto.agent.v1.ConformResult;
import org.holdfast.proto.agent.v1.ExportResult;
import org.holdfast.proto.agent.v1.GuestHello;
import org.holdfast.tcp.SocketFamily;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole path with the real agent, a real application and real peers. */
@Tag("kernel")
class TakeoverTest {
  private static final int CONNECTIONS_PER_KIND = 4;

  @TempDir Path directory;

  @Test
  void applicationsAndPeersSeeNothingOfTakeoversAndGiveBacks() throws Exception {
    try (NetworkNamespaces network = new NetworkNamespaces();
        EchoServer server = EchoServer.start(network.nameOf(Place.GUEST), directory, List.of());
        AgentProcess agent = AgentProcess.start(network.nameOf(Place.GUEST), directory)) {
      List<EchoPeer> peers = connect(network);
      agent.host().ask(Requests.scan());
      for (int round = 0; round < 3; round++) {
        roundTrip(network, agent.host(), peers.size());
        long before = peers.stream().mapToLong(EchoPeer::verified).sum();
        Thread.sleep(300);
        assertThat(peers.stream().mapToLong(EchoPeer::verified).sum()).isGreaterThan(before);
      }
      for (EchoPeer peer : peers) {
        peer.finish();
      }
      assertThat(server.complaints()).isEmpty();
    }
  }

  private static void roundTrip(NetworkNamespaces network, HostSide host, int connections)
      throws Exception {
    try (Holder holder = new Holder(network, host)) {
      ExportResult exported = holder.takeOver();
      assertThat(exported.getConnections()).isEqualTo(connections);
      assertThat(exported.getUnmanagedList()).isEmpty();
      Thread.sleep(300);
      GuestHello hello = host.hello(Duration.ofSeconds(30));
      assertThat(hello.getTicket()).isEqualTo(Holder.TICKET);
      ConformResult conformed = holder.conform();
      assertThat(conformed.getConnectionsList())
          .hasSize(connections)
          .allMatch(connection -> connection.getConformed());
      assertThat(
              conformed.getConnectionsList().stream()
                  .mapToLong(connection -> connection.getBytesHandedOver())
                  .sum())
          .isPositive();
      assertThat(holder.release().getReleased()).isEqualTo(connections);
      assertThat(host.hello(Duration.ofSeconds(30)).hasTicket()).isFalse();
    }
  }

  static List<EchoPeer> connect(NetworkNamespaces network) throws Exception {
    List<EchoPeer> peers = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS_PER_KIND; i++) {
      peers.add(peer(network, SocketFamily.IPV4, EchoServer.PORT_IPV4, peers.size()));
      peers.add(peer(network, SocketFamily.IPV4, EchoServer.PORT_IPV6, peers.size()));
      peers.add(peer(network, SocketFamily.IPV6, EchoServer.PORT_IPV6, peers.size()));
    }
    return peers;
  }

  private static EchoPeer peer(NetworkNamespaces network, SocketFamily family, int port, long seed)
      throws Exception {
    return EchoPeer.connect(network, NetworkNamespaces.address(Place.GUEST, family, port), seed);
  }
}
