package org.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.SoftAssertions;
import org.holdfast.linux.NetworkNamespaces;
import org.holdfast.linux.NetworkNamespaces.Place;
import org.holdfast.tcp.SocketFamily;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * However an application waits for its peers, and whoever else has the descriptor: the request that
 * came while it was held wakes it, the next one wakes it again, and no error is seen.
 */
@Tag("kernel")
class OwnersTest {
  private static final int FIRST_PORT = 7200;
  private static final int PATIENCE_MILLIS = 5000;

  private static final List<String> WAYS_TO_WAIT =
      List.of(
          "blocking",
          "with_timeout",
          "with_short_timeout",
          "level_triggered",
          "edge_triggered",
          "one_shot",
          "exclusive",
          "nested",
          "polled",
          "selected",
          "forked",
          "passed_on");

  private static final Adoption NO_CGROUP = pid -> {};

  @TempDir Path directory;

  @Test
  void everyWayToWaitIsWokenByWhatCameWhileHeld() throws Exception {
    wakes(WAYS_TO_WAIT, NO_CGROUP);
  }

  @Test
  void soItIsWhereTheFreezerIsThatOfANestedCgroup() throws Exception {
    try (NestedCgroup cgroup = new NestedCgroup()) {
      wakes(WAYS_TO_WAIT, cgroup::adopt);
    }
  }

  @Test
  void aRequestThatWaitsInAnIoUringIsCompleted() throws Exception {
    wakes(List.of("io_uring"), NO_CGROUP);
  }

  @Test
  void soItIsInACgroup() throws Exception {
    try (NestedCgroup cgroup = new NestedCgroup()) {
      wakes(List.of("io_uring"), cgroup::adopt);
    }
  }

  private interface Adoption {
    void adopt(long pid) throws IOException;
  }

  private void wakes(List<String> ways, Adoption cgroup) throws Exception {
    try (NetworkNamespaces network = new NetworkNamespaces();
        PythonProgram owners = start(network, ways);
        AgentProcess agent =
            AgentProcess.start(network.nameOf(Place.GUEST), directory, "--no-rehearsal")) {
      cgroup.adopt(owners.pid());
      List<Client> clients = new ArrayList<>();
      for (int i = 0; i < ways.size(); i++) {
        clients.add(new Client(network, ways.get(i), FIRST_PORT + i));
        clients.add(new Client(network, ways.get(i), FIRST_PORT + i));
      }
      check(clients, "before", client -> client.ask() && client.isAnswered());
      for (int round = 0; round < 2; round++) {
        takeOverAndGiveBack(network, agent.host(), clients);
        check(half(clients, 0), "asked while held", Client::isAnswered);
        check(half(clients, 1), "asked afterwards", client -> client.ask() && client.isAnswered());
      }
      for (Client client : clients) {
        client.close();
      }
      assertThat(owners.said()).isEmpty();
    }
  }

  private PythonProgram start(NetworkNamespaces network, List<String> ways) throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.add(Integer.toString(FIRST_PORT));
    arguments.addAll(ways);
    return PythonProgram.start("owners.py", network.nameOf(Place.GUEST), directory, arguments);
  }

  private static void takeOverAndGiveBack(
      NetworkNamespaces network, HostSide host, List<Client> clients) throws Exception {
    try (Holder holder = new Holder(network, host)) {
      assertThat(holder.takeOver().getUnmanagedList()).isEmpty();
      for (Client client : half(clients, 0)) {
        client.ask();
      }
      Thread.sleep(200);
      assertThat(holder.conform().getConnectionsList())
          .hasSize(clients.size())
          .allMatch(connection -> connection.getConformed());
      holder.release();
    }
  }

  /** The first or the second client of each way to wait. */
  private static List<Client> half(List<Client> clients, int which) {
    List<Client> half = new ArrayList<>();
    for (int i = which; i < clients.size(); i += 2) {
      half.add(clients.get(i));
    }
    return half;
  }

  private interface Question {
    boolean holds(Client client) throws IOException;
  }

  private static void check(List<Client> clients, String when, Question question)
      throws IOException {
    SoftAssertions all = new SoftAssertions();
    for (Client client : clients) {
      all.assertThat(question.holds(client)).as("%s, %s", client.way, when).isTrue();
    }
    all.assertAll();
  }

  /** Asks a line and waits for it to come back. */
  private static final class Client {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String way;
    private final Socket socket;
    private final BufferedReader answers;
    private String asked = "";

    Client(NetworkNamespaces network, String way, int port) throws IOException {
      this.way = way;
      InetSocketAddress server = NetworkNamespaces.address(Place.GUEST, SocketFamily.IPV4, port);
      socket = network.in(Place.PEER).call(() -> new Socket(server.getAddress(), server.getPort()));
      socket.setSoTimeout(PATIENCE_MILLIS);
      answers =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    boolean ask() throws IOException {
      asked = way + " " + COUNT.incrementAndGet();
      socket.getOutputStream().write((asked + "\n").getBytes(StandardCharsets.UTF_8));
      return true;
    }

    boolean isAnswered() throws IOException {
      try {
        return asked.equals(answers.readLine());
      } catch (SocketTimeoutException e) {
        return false;
      }
    }

    void close() throws IOException {
      socket.close();
    }
  }
}
