package org.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.holdfast.linux.KernelException;
import org.holdfast.linux.NetworkNamespaces;
import org.holdfast.linux.NetworkNamespaces.Place;
import org.holdfast.linux.Scheduling;
import org.holdfast.proto.agent.v1.HostMessage;
import org.holdfast.proto.agent.v1.ReadyRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the agent does ahead of a blackout is used by it, and leaves nothing if none follows. */
@Tag("kernel")
class ReadyTest {
  /** From linux/tcp.h. */
  private static final int TCP_REPAIR = 19;

  @TempDir Path directory;

  private NetworkNamespaces network;
  private EchoServer server;
  private AgentProcess agent;
  private List<EchoPeer> peers;

  @BeforeEach
  void begin() throws Exception {
    network = new NetworkNamespaces();
    server = EchoServer.start(network.nameOf(Place.GUEST), directory, List.of());
    agent = AgentProcess.start(network.nameOf(Place.GUEST), directory, "--no-rehearsal");
    peers = TakeoverTest.connect(network);
    agent.host().hello(Duration.ofMillis(600));
    agent.host().ask(Requests.scan());
  }

  @AfterEach
  void end() throws Exception {
    agent.close();
    server.close();
    network.close();
  }

  @Test
  void takeoversAndGiveBacksGoOnFromWhatIsReady() throws Exception {
    for (int round = 0; round < 2; round++) {
      try (Holder holder = new Holder(network, agent.host())) {
        ready("");
        assertThat(agent.notesSomethingFrozen()).isTrue();
        assertThat(holder.takeOver().getConnections()).isEqualTo(peers.size());
        assertThat(agent.notesSomethingFrozen()).isFalse();
        Thread.sleep(200); // peers go on sending, and their data must reach the guest
        ready(Holder.DOMAIN);
        assertThat(holder.conform().getConnectionsList())
            .hasSize(peers.size())
            .allMatch(connection -> connection.getConformed());
        holder.release();
      }
      TakeoverTest.awaitProgressOfAll(peers);
    }
    for (EchoPeer peer : peers) {
      peer.finish();
    }
    assertThat(server.complaints()).isEmpty();
  }

  @Test
  void tokensOfAnotherDomainAreRefusedAlthoughReady() throws Exception {
    try (Holder holder = new Holder(network, agent.host())) {
      holder.takeOver();
      ready(Holder.DOMAIN);
      assertThat(holder.tryConform("00000000-0000-4000-8000-000000000000").hasError()).isTrue();
      assertThat(agent.notesSomethingFrozen()).isFalse();
      assertThat(holder.conform().getConnectionsList())
          .allMatch(connection -> connection.getConformed());
      holder.release();
    }
    TakeoverTest.awaitProgressOfAll(peers);
  }

  @Test
  void whatHasComeIsConformedBeforeTheRestAndUndoneIfTheRestNeverComes() throws Exception {
    int half = peers.size() / 2;
    try (Holder holder = new Holder(network, agent.host())) {
      holder.takeOver();
      holder.awaitReceived();
      ready(Holder.DOMAIN);
      holder.giveBack(half, Holder.DOMAIN);
      agent.host().ask(Requests.ping());
      assertThat(socketsInRepair()).isEqualTo(half);

      ready(Holder.DOMAIN); // another attempt
      assertThat(socketsInRepair()).isZero();
      assertThat(holder.conform().getConnectionsList())
          .hasSize(peers.size())
          .allMatch(connection -> connection.getConformed());
      assertThat(socketsInRepair()).isEqualTo(peers.size());
      holder.release();
    }
    for (EchoPeer peer : peers) {
      peer.finish();
    }
    assertThat(server.complaints()).isEmpty();
  }

  @Test
  void aHostThatFallsSilentInTheMiddleOfTheConnectionsIsOutlived() throws Exception {
    try (Holder holder = new Holder(network, agent.host())) {
      holder.takeOver();
      ready(Holder.DOMAIN);
      holder.giveBack(peers.size() / 2, Holder.DOMAIN);

      Thread.sleep(1200); // longer than the silence the agent was told

      assertThat(agent.notesSomethingFrozen()).isFalse();
      assertThat(socketsInRepair()).isZero();
      holder.conform();
      holder.release();
    }
    TakeoverTest.awaitProgressOfAll(peers);
  }

  private long socketsInRepair() throws IOException {
    return TakeoverTest.options(server.pid(), TCP_REPAIR).stream().filter(on -> on == 1).count();
  }

  @Test
  void whenNothingFollowsAllRunAgainAndNoDescriptorIsKept() throws Exception {
    long before = descriptors();
    ready("");
    assertThat(descriptors()).isGreaterThanOrEqualTo(before + peers.size());

    Thread.sleep(1200); // longer than the silence the agent was told

    assertThat(agent.notesSomethingFrozen()).isFalse();
    assertThat(descriptors()).isEqualTo(before);
    TakeoverTest.awaitProgressOfAll(peers);
  }

  @Test
  void itRunsBeforeAllOthersFromTheFirstReadyToTheRelease() throws Exception {
    assumeTrue(realTimeIsAllowed(), "this machine allows no real-time scheduling (CAP_SYS_NICE)");
    assertThat(realTimeThreads()).isZero();
    try (Holder holder = new Holder(network, agent.host())) {
      ready("");
      assertThat(realTimeThreads()).isEqualTo(1);
      holder.takeOver();
      agent.host().ask(Requests.ping()); // whatever follows an answer is over with the next one
      assertThat(realTimeThreads()).as("the VM may wake at any moment").isEqualTo(1);
      ready(Holder.DOMAIN);
      holder.conform();
      assertThat(realTimeThreads()).isEqualTo(1);
      holder.release();
      agent.host().ask(Requests.ping());
      assertThat(realTimeThreads()).isZero();
    }
  }

  private static boolean realTimeIsAllowed() throws InterruptedException {
    boolean[] allowed = {true};
    Thread trial =
        new Thread(
            () -> {
              try {
                Scheduling.realTime();
              } catch (KernelException e) {
                allowed[0] = false;
              }
            });
    trial.start();
    trial.join();
    return allowed[0];
  }

  /** Field 41 of proc(5)'s stat is the policy; 1 is SCHED_FIFO. */
  private long realTimeThreads() throws IOException {
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + agent.pid() + "/task"))) {
      return threads
          .map(ReadyTest::stat)
          .map(stat -> stat.substring(stat.lastIndexOf(')') + 2).split(" "))
          .filter(fields -> fields[38].equals("1"))
          .count();
    }
  }

  private static String stat(Path thread) {
    try {
      return Files.readString(thread.resolve("stat"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void ready(String domain) throws IOException {
    assertThat(
            agent
                .host()
                .askOne(
                    HostMessage.newBuilder()
                        .setReady(
                            ReadyRequest.newBuilder()
                                .setFreezeBoundMillis(2000)
                                .setDomainUuid(domain)))
                .hasReadyResult())
        .isTrue();
  }

  private long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + agent.pid() + "/fd"))) {
      return open.count();
    }
  }
}
