package org.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.Condition;
import org.holdfast.linux.AppSocket;
import org.holdfast.linux.NetworkNamespaces;
import org.holdfast.linux.NetworkNamespaces.Place;
import org.holdfast.linux.PidDescriptors;
import org.holdfast.proto.agent.v1.AgentErrorCode;
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

  /** Sockets of the echo server beside its connections. */
  private static final int LISTENERS = 2;

  private static final int IPPROTO_TCP = 6;
  private static final int TCP_USER_TIMEOUT = 18;
  private static final int TCP_REPAIR = 19;
  private static final Condition<Integer> WITHOUT_END =
      new Condition<>(timeout -> timeout == Integer.MAX_VALUE, "without end");

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
        awaitProgressOfAll(peers);
      }
      finish(peers, server);
    }
  }

  static void awaitProgressOfAll(List<EchoPeer> peers) throws InterruptedException {
    List<Long> before = peers.stream().map(EchoPeer::verified).toList();
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    for (int i = 0; i < peers.size(); i++) {
      while (peers.get(i).verified() == before.get(i) && System.nanoTime() < deadline) {
        Thread.sleep(10);
      }
      assertThat(peers.get(i).verified()).as("peer %d", i).isGreaterThan(before.get(i));
    }
  }

  static void roundTrip(NetworkNamespaces network, HostSide host, int connections)
      throws Exception {
    try (Holder holder = new Holder(network, host)) {
      ExportResult exported = holder.takeOver();
      assertThat(exported.getConnections()).isEqualTo(connections);
      assertThat(exported.getUnmanagedList()).isEmpty();
      holder.awaitReceived();
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

  @Test
  void aHostThatFallsSilentInTheMiddleIsOutlived() throws Exception {
    try (NetworkNamespaces network = new NetworkNamespaces();
        EchoServer server = EchoServer.start(network.nameOf(Place.GUEST), directory, List.of());
        AgentProcess agent = AgentProcess.start(network.nameOf(Place.GUEST), directory);
        Holder holder = new Holder(network, agent.host())) {
      List<EchoPeer> peers = connect(network);
      agent.host().hello(Duration.ofMillis(500));
      holder.takeOver();
      Thread.sleep(200);
      holder.conform();
      assertThat(agent.notesSomethingFrozen()).isTrue();
      assertThat(allThreadsStand(server.pid())).isTrue();
      Thread.sleep(1000);
      assertThat(agent.notesSomethingFrozen()).isFalse();
      assertThat(allThreadsStand(server.pid())).isFalse();
      // The ticket is kept, and the claim can be repeated.
      assertThat(agent.host().hello(Duration.ofSeconds(30)).getTicket()).isEqualTo(Holder.TICKET);
      assertThat(holder.conform().getConnectionsList())
          .allMatch(connection -> connection.getConformed());
      holder.release();
      finish(peers, server);
    }
  }

  /** A VM that moves at once need not stop them again. */
  @Test
  void ownersStandOnForASecondChanceAndNoLonger() throws Exception {
    try (NetworkNamespaces network = new NetworkNamespaces();
        EchoServer server = EchoServer.start(network.nameOf(Place.GUEST), directory, List.of());
        AgentProcess agent =
            AgentProcess.start(network.nameOf(Place.GUEST), directory, "--no-rehearsal");
        Holder holder = new Holder(network, agent.host())) {
      List<EchoPeer> peers = connect(network);
      holder.haveOwnersStandFor(Duration.ofSeconds(1));
      holder.takeOver();
      assertThat(allThreadsStand(server.pid())).isTrue();
      holder.awaitReceived();
      agent.host().ask(Requests.ready(Holder.DOMAIN));
      assertThat(holder.conform().getConnectionsList())
          .allMatch(connection -> connection.getConformed())
          .allMatch(connection -> connection.getBytesWrittenSince() == 0);
      holder.release();
      awaitProgressOfAll(peers);
      assertThat(allThreadsStand(server.pid())).isFalse();

      holder.takeOver();
      assertThat(allThreadsStand(server.pid())).isTrue();
      Thread.sleep(1500);
      assertThat(allThreadsStand(server.pid())).as("stand for ever").isFalse();
      assertThat(agent.notesSomethingFrozen()).isFalse();
      agent.host().ask(Requests.ready(Holder.DOMAIN));
      assertThat(allThreadsStand(server.pid())).isTrue();
      holder.conform();
      holder.release();
      finish(peers, server);
    }
  }

  /** It runs behind its fence, and nobody answers: with patience of its own it would give up. */
  @Test
  void theGuestsSocketsWaitWithoutEndWhileTheHostAnswersForThem() throws Exception {
    try (NetworkNamespaces network = new NetworkNamespaces();
        EchoServer server = EchoServer.start(network.nameOf(Place.GUEST), directory, List.of());
        AgentProcess agent =
            AgentProcess.start(network.nameOf(Place.GUEST), directory, "--no-rehearsal");
        Holder holder = new Holder(network, agent.host())) {
      List<EchoPeer> peers = connect(network);
      // What the server has not accepted yet is left to TCP.
      while (options(server.pid(), TCP_USER_TIMEOUT).size() < peers.size() + LISTENERS) {
        Thread.sleep(10);
      }
      holder.takeOver();
      assertThat(options(server.pid(), TCP_USER_TIMEOUT)).haveExactly(peers.size(), WITHOUT_END);
      holder.conform();
      holder.release();
      assertThat(options(server.pid(), TCP_USER_TIMEOUT)).areNot(WITHOUT_END);
      finish(peers, server);
    }
  }

  /** Every byte of every peer came back, and the server saw nothing amiss. */
  private static void finish(List<EchoPeer> peers, EchoServer server) throws Exception {
    for (EchoPeer peer : peers) {
      peer.finish();
    }
    assertThat(server.complaints()).isEmpty();
  }

  /** An option of TCP, of each IPv4 socket the process has. */
  static List<Integer> options(long pid, int option) throws IOException {
    List<Integer> values = new ArrayList<>();
    try (PidDescriptors process = PidDescriptors.open((int) pid);
        Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        if (Files.readSymbolicLink(descriptor).toString().startsWith("socket:")) {
          int number = Integer.parseInt(descriptor.getFileName().toString());
          try (AppSocket socket = AppSocket.sharing(process.duplicate(number), SocketFamily.IPV4)) {
            values.add(socket.option(IPPROTO_TCP, option));
          }
        }
      }
    }
    return values;
  }

  @Test
  void aTokenOfAnotherDomainIsRefusedBeforeAnythingIsTouched() throws Exception {
    try (NetworkNamespaces network = new NetworkNamespaces();
        EchoServer server = EchoServer.start(network.nameOf(Place.GUEST), directory, List.of());
        AgentProcess agent =
            AgentProcess.start(network.nameOf(Place.GUEST), directory, "--no-rehearsal");
        Holder holder = new Holder(network, agent.host())) {
      List<EchoPeer> peers = connect(network);
      holder.takeOver();
      assertThat(holder.tryConform("11111111-0000-4000-8000-000000000000").getError().getCode())
          .isEqualTo(AgentErrorCode.AGENT_ERROR_CODE_WRONG_TICKET);
      assertThat(agent.notesSomethingFrozen()).isFalse();
      holder.conform();
      holder.release();
      finish(peers, server);
    }
  }

  @Test
  void anAgentThatIsKilledWhileTheHostHoldsIsFollowedByOneThatGoesOn() throws Exception {
    followsAnAgentThatIsKilledAfter(holder -> {});
  }

  @Test
  void anAgentThatIsKilledWhileSocketsAreInRepairIsFollowedByOneThatGoesOn() throws Exception {
    followsAnAgentThatIsKilledAfter(Holder::conform);
  }

  @Test
  void theTicketIsNotedForRootAlone() throws Exception {
    try (NetworkNamespaces network = new NetworkNamespaces();
        EchoServer server = EchoServer.start(network.nameOf(Place.GUEST), directory, List.of());
        AgentProcess agent =
            AgentProcess.start(network.nameOf(Place.GUEST), directory, "--no-rehearsal");
        Holder holder = new Holder(network, agent.host())) {
      connect(network);
      Path note = Path.of(agent.record() + ".held");
      holder.takeOver();
      agent.host().ask(Requests.ping()); // it is written when the answer is out
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(note)))
          .isEqualTo("rw-------");
      holder.conform();
      holder.release();
      agent.host().ask(Requests.ping());
      assertThat(note).doesNotExist();
      assertThat(server.complaints()).isEmpty();
    }
  }

  /** What the host does before the first agent dies. */
  private interface Deed {
    void by(Holder holder) throws IOException;
  }

  private void followsAnAgentThatIsKilledAfter(Deed deed) throws Exception {
    try (NetworkNamespaces network = new NetworkNamespaces();
        EchoServer server = EchoServer.start(network.nameOf(Place.GUEST), directory, List.of())) {
      network.sysctl(Place.GUEST, ClosedWindowTest.RETRIES, "12");
      List<EchoPeer> peers = connect(network);
      AgentProcess first =
          AgentProcess.start(network.nameOf(Place.GUEST), directory, "--no-rehearsal");
      try (Holder holder = new Holder(network, first.host())) {
        holder.takeOver();
        holder.awaitReceived();
        deed.by(holder);
        first.kill();
        Files.delete(directory.resolve("port"));
        try (AgentProcess second =
            AgentProcess.start(network.nameOf(Place.GUEST), directory, "--no-rehearsal")) {
          assertThat(second.notesSomethingFrozen()).isFalse();
          assertThat(allThreadsStand(server.pid())).isFalse();
          assertThat(options(server.pid(), TCP_REPAIR)).doesNotContain(1);
          assertThat(second.host().hello(Duration.ofSeconds(30)).getTicket())
              .isEqualTo(Holder.TICKET);
          holder.meet(second.host());
          assertThat(holder.conform().getConnectionsList())
              .hasSize(peers.size())
              .allMatch(connection -> connection.getConformed());
          holder.release();
          assertThat(options(server.pid(), TCP_USER_TIMEOUT)).areNot(WITHOUT_END);
          assertThat(ClosedWindowTest.retries(network)).isEqualTo("12");
          awaitProgressOfAll(peers);
          for (EchoPeer peer : peers) {
            peer.finish();
          }
        }
      }
      assertThat(server.complaints()).isEmpty();
    }
  }

  private static boolean allThreadsStand(long pid) throws IOException {
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
      for (Path thread : threads.toList()) {
        String stat = Files.readString(thread.resolve("stat"));
        if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
          return false;
        }
      }
      return true;
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
