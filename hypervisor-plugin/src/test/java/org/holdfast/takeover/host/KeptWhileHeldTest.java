package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.HostPort;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.VmInterface;
import org.holdfast.takeover.spool.SpoolBounds;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What comes for a VM that is held and belongs to no held connection finds it afterwards. */
@Tag("kernel")
@Timeout(60)
class KeptWhileHeldTest {
  private static final int UDP_PORT = 7001;
  private static final int MANY = 400;

  /** A client repeats its SYN 1 s, then 3 s after the first: in between nothing helps it but us. */
  private static final int PAST_FIRST_RETRY_MILLIS = 1300;

  private final TestNetwork network = new TestNetwork(1);
  private final LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace());
  private final GuestProcess guest;
  private final PeerStream held;

  KeptWhileHeldTest() throws Exception {
    guest = new GuestProcess(network.guest());
    held = new PeerStream(network.peer(), TestNetwork.address("10.77.0.1"), true);
    Thread.sleep(200);
  }

  @AfterEach
  void leave() throws Exception {
    try (network;
        host;
        guest;
        held) {
      assertThat(held.finish()).isEmpty();
      assertThat(host.leftovers().find()).isEmpty();
    }
  }

  @Test
  void whoConnectsMeanwhileIsServedAtOnceAndPaysNoRetry() throws Exception {
    List<CompletableFuture<Long>> served = new ArrayList<>();
    PeerCounters before = PeerCounters.read(network.peer());
    try (GuestPorts ports = host.guestPorts(network.vmInterfaces());
        TakeoverNamespace takeover = prepare(HoldOptions.defaults())) {
      OneHost.takeOver(takeover, guest, guest.findConnections());
      for (String address : List.of("10.77.0.1", "fd77:0::1")) {
        served.add(CompletableFuture.supplyAsync(() -> connectAndEcho(address)));
      }
      Thread.sleep(PAST_FIRST_RETRY_MILLIS);
      assertThat(served).noneMatch(CompletableFuture::isDone);
      OneHost.giveBack(takeover, ports, guest);
    }
    long givenBack = System.nanoTime();
    for (CompletableFuture<Long> one : served) {
      long waited = one.get(10, TimeUnit.SECONDS) - givenBack;
      assertThat(TimeUnit.NANOSECONDS.toMillis(waited)).isLessThan(500);
    }
    System.out.println("counted by the peer: " + PeerCounters.read(network.peer()).since(before));
  }

  private long connectAndEcho(String address) {
    InetSocketAddress server =
        new InetSocketAddress(TestNetwork.address(address), GuestApplication.PORT);
    try (SocketChannel channel = network.peer().call(() -> SocketChannel.open())) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.connect(server);
      channel.write(ByteBuffer.wrap(new byte[] {'E', 'x'}));
      ByteBuffer answer = ByteBuffer.allocate(1);
      assertThat(channel.read(answer)).isEqualTo(1);
      return System.nanoTime();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The ordinary receive buffer takes about 160 of them, and a reader needs time for each. */
  @Test
  void aServerThatReadsSlowlyGetsEachOfManyDatagrams() throws Exception {
    try (DatagramSocket server = network.guest().call(() -> new DatagramSocket(UDP_PORT));
        DatagramSocket client = network.peer().call(() -> new DatagramSocket())) {
      CompletableFuture<List<Integer>> received;
      try (GuestPorts ports = host.guestPorts(network.vmInterfaces());
          TakeoverNamespace takeover = prepare(HoldOptions.defaults())) {
        OneHost.takeOver(takeover, guest, guest.findConnections());
        for (int number = 0; number < MANY; number++) {
          send(client, number);
        }
        received = CompletableFuture.supplyAsync(() -> receiveSlowly(server));
        OneHost.giveBack(takeover, ports, guest);
      }
      assertThat(received.get(30, TimeUnit.SECONDS))
          .containsExactlyElementsOf(IntStream.range(0, MANY).boxed().toList());
    }
  }

  @Test
  void datagramsArriveOnceAndInOrderAndEchoRequestsAreAnsweredByTheGuest() throws Exception {
    try (DatagramSocket server = network.guest().call(() -> new DatagramSocket(UDP_PORT));
        DatagramSocket client = network.peer().call(() -> new DatagramSocket())) {
      CompletableFuture<Boolean> echoed;
      try (GuestPorts ports = host.guestPorts(network.vmInterfaces());
          TakeoverNamespace takeover = prepare(HoldOptions.defaults())) {
        int found = guest.findConnections();
        send(client, 0);
        takeover.fence();
        send(client, 1);
        OneHost.takeOverFenced(takeover, guest, found);
        send(client, 2);
        echoed = CompletableFuture.supplyAsync(this::echoes);
        send(client, 3);
        Thread.sleep(200);
        assertThat(receiveAll(server)).containsExactly(0);
        assertThat(echoed).as("nobody answers for the guest").isNotDone();
        OneHost.giveBack(takeover, ports, guest);
        send(client, 4);
      }
      assertThat(receiveAll(server)).containsExactly(1, 2, 3, 4);
      assertThat(echoed.get(5, TimeUnit.SECONDS)).isTrue();
    }
  }

  private boolean echoes() {
    try {
      return network.peer().call(() -> TestNetwork.address("10.77.0.1").isReachable(4000));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void theOldestGoWhenThereAreTooManyAndAreCounted() throws Exception {
    try (DatagramSocket server = network.guest().call(() -> new DatagramSocket(UDP_PORT));
        DatagramSocket client = network.peer().call(() -> new DatagramSocket())) {
      try (GuestPorts ports = host.guestPorts(network.vmInterfaces());
          TakeoverNamespace takeover =
              prepare(new HoldOptions(1 << 20, 1 << 20, 3, 1 << 20, SpoolBounds.defaults()))) {
        OneHost.takeOver(takeover, guest, guest.findConnections());
        for (int i = 0; i < 10; i++) {
          send(client, i);
        }
        Thread.sleep(200);
        assertThat(OneHost.giveBack(takeover, ports, guest).lost()).isEqualTo(7);
      }
      assertThat(receiveAll(server)).containsExactly(7, 8, 9);
    }
  }

  @Test
  void behindAFilterNothingBeginsThatTheFilterHasNotSeen() throws Exception {
    VmInterface open = network.vmInterfaces().get(0);
    HostPort port = new HostPort(open.mac(), open.port().bridge(), open.port().tap(), true);
    List<VmInterface> filtered =
        List.of(new VmInterface(port, open.mtu(), open.addresses(), List.of(), List.of()));
    assertThat(receivedOfOneHeldAndOneAfterwards(filtered)).containsExactly(2);
  }

  /** Security groups, say: what is kept would pass them by if it went to the tap. */
  @Test
  void whereOthersRulesNameTheTapNothingPassesThemBy() throws Exception {
    network.hostRules(
        """
        add table bridge cloud
        add chain bridge cloud forward { type filter hook forward priority 0; }
        add rule bridge cloud forward oifname "vnet0" ip saddr 192.0.2.0/24 drop
        """);
    assertThat(receivedOfOneHeldAndOneAfterwards(network.vmInterfaces())).containsExactly(2);
    network.hostRules("delete table bridge cloud");
    assertThat(receivedOfOneHeldAndOneAfterwards(network.vmInterfaces())).containsExactly(1, 2);
  }

  private List<Integer> receivedOfOneHeldAndOneAfterwards(List<VmInterface> interfaces)
      throws Exception {
    try (DatagramSocket server = network.guest().call(() -> new DatagramSocket(UDP_PORT));
        DatagramSocket client = network.peer().call(() -> new DatagramSocket())) {
      try (GuestPorts ports = host.guestPorts(interfaces);
          TakeoverNamespace takeover = host.prepare(interfaces, HoldOptions.defaults())) {
        OneHost.takeOver(takeover, guest, guest.findConnections());
        send(client, 1);
        Thread.sleep(200);
        OneHost.giveBack(takeover, ports, guest);
        send(client, 2);
      }
      return receiveAll(server);
    }
  }

  private TakeoverNamespace prepare(HoldOptions options) {
    return host.prepare(network.vmInterfaces(), options);
  }

  private static void send(DatagramSocket client, int number) throws IOException {
    InetAddress server = TestNetwork.address("10.77.0.1");
    byte[] payload = ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
    client.send(new DatagramPacket(payload, payload.length, server, UDP_PORT));
  }

  /** All that comes until nothing more does. */
  private static List<Integer> receiveAll(DatagramSocket server) throws IOException {
    return receive(server, 300, 0);
  }

  private static List<Integer> receiveSlowly(DatagramSocket server) {
    try {
      return receive(server, 2000, TimeUnit.MICROSECONDS.toNanos(300));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Integer> receive(DatagramSocket server, int quietMillis, long nanosForEach)
      throws IOException {
    List<Integer> numbers = new ArrayList<>();
    server.setSoTimeout(quietMillis);
    DatagramPacket packet = new DatagramPacket(new byte[Integer.BYTES], Integer.BYTES);
    while (true) {
      try {
        server.receive(packet);
        numbers.add(ByteBuffer.wrap(packet.getData()).getInt());
        LockSupport.parkNanos(nanosForEach);
      } catch (SocketTimeoutException e) {
        return numbers;
      }
    }
  }
}
