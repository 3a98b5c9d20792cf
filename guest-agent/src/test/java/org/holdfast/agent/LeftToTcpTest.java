package org.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.holdfast.linux.NetworkNamespaces;
import org.holdfast.linux.NetworkNamespaces.Place;
import org.holdfast.proto.agent.v1.ExportResult;
import org.holdfast.proto.agent.v1.ScannedConnection;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.holdfast.tcp.SocketFamily;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Connections of every class that cannot be managed and that this kernel can make, beside one that
 * can: the one is kept, the others are named with their reason and go on by themselves.
 */
@Tag("kernel")
class LeftToTcpTest {

  /** Each program of odd.py listens on a port of its own, from this one on. */
  private static final int FIRST_PORT = 7300;

  private static final Map<String, UnmanagedReason> KINDS =
      new TreeMap<>(
          Map.of(
              "mptcp", UnmanagedReason.UNMANAGED_REASON_MPTCP,
              "md5", UnmanagedReason.UNMANAGED_REASON_AUTHENTICATED,
              "urgent", UnmanagedReason.UNMANAGED_REASON_URGENT_DATA,
              "not_accepted", UnmanagedReason.UNMANAGED_REASON_NOT_ACCEPTED,
              "handshake", UnmanagedReason.UNMANAGED_REASON_HANDSHAKE,
              "orphaned", UnmanagedReason.UNMANAGED_REASON_ORPHANED,
              "time_wait", UnmanagedReason.UNMANAGED_REASON_TIME_WAIT,
              "connecting", UnmanagedReason.UNMANAGED_REASON_CONNECTING));

  /** A handshake whose second word is never heard. */
  private static final String DEAF_TO_ONE_PORT =
      "table inet deaf { chain input { type filter hook input priority 0; tcp sport %d drop; }; }";

  private static final int SETTLE_MILLIS = 300;

  @TempDir Path directory;

  @Test
  void eachIsNamedWithItsReasonAndTheOneBesideThemIsKept() throws Exception {
    try (NetworkNamespaces network = new NetworkNamespaces();
        EchoServer server = EchoServer.start(network.nameOf(Place.GUEST), directory, List.of());
        PythonProgram odd = odd(network, "guest", Place.GUEST);
        PythonProgram peers = odd(network, "peer", Place.PEER);
        AgentProcess agent =
            AgentProcess.start(network.nameOf(Place.GUEST), directory, "--no-rehearsal");
        EchoPeer kept =
            EchoPeer.connect(
                network,
                NetworkNamespaces.address(Place.GUEST, SocketFamily.IPV4, EchoServer.PORT_IPV4),
                1)) {
      Thread.sleep(SETTLE_MILLIS);
      try (Holder holder = new Holder(network, agent.host())) {
        ExportResult exported = holder.takeOver();
        assertThat(exported.getConnections()).isEqualTo(1);
        assertThat(reasonsByKind(exported.getUnmanagedList())).containsAllEntriesOf(KINDS);
        Thread.sleep(200);
        assertThat(holder.conform().getConnectionsList())
            .allMatch(connection -> connection.getConformed());
        holder.release();
      }
      kept.finish();
      assertThat(server.complaints()).isEmpty();
      assertThat(odd.said()).isEmpty();
      assertThat(peers.said()).isEmpty();
    }
  }

  private PythonProgram odd(NetworkNamespaces network, String side, Place place) throws Exception {
    int handshake = FIRST_PORT + List.copyOf(KINDS.keySet()).indexOf("handshake");
    if (place == Place.PEER) {
      network.rules(place, DEAF_TO_ONE_PORT.formatted(handshake));
    }
    List<String> arguments = new ArrayList<>(List.of(side, Integer.toString(FIRST_PORT)));
    arguments.addAll(KINDS.keySet());
    return PythonProgram.start("odd.py", network.nameOf(place), directory, arguments);
  }

  private static Map<String, UnmanagedReason> reasonsByKind(List<ScannedConnection> unmanaged) {
    List<String> kinds = List.copyOf(KINDS.keySet());
    Map<String, UnmanagedReason> reasons = new TreeMap<>();
    for (ScannedConnection connection : unmanaged) {
      int local = connection.getId().getLocal().getPort() - FIRST_PORT;
      int peer = connection.getId().getPeer().getPort() - FIRST_PORT;
      int kind = local >= 0 && local < kinds.size() ? local : peer;
      if (kind >= 0
          && kind < kinds.size()
          && connection.getReason() != UnmanagedReason.UNMANAGED_REASON_OTHER_NAMESPACE) {
        reasons.put(kinds.get(kind), connection.getReason());
      }
    }
    return reasons;
  }
}
