package org.holdfast.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.holdfast.linux.NetworkNamespaces.Place;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.SocketFamily;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The small wrappers do what the kernel's manual says of the calls behind them. */
@Tag("kernel")
class KernelWrappersTest {
  private static final int RTM_GETLINK = 18;
  private static final int RTM_NEWLINK = 16;
  private static final int SOCK_DIAG_BY_FAMILY = 20;

  @Test
  void namespacesAreTheOnesOfTheIpCommand() throws IOException {
    String name = "hf-test-" + ProcessHandle.current().pid();
    NetworkNamespace namespace = NetworkNamespace.create(name);
    try (NamespaceThread thread = namespace.startThread("in " + name)) {
      assertThat(Commands.run("", "ip", "netns", "list")).contains(name);
      assertThat(thread.call(() -> Files.readString(Path.of("/proc/thread-self/net/dev"))))
          .contains("lo:")
          .doesNotContain("eth0");
      KernelException taken =
          catchThrowableOfType(KernelException.class, () -> NetworkNamespace.create(name));
      assertThat(taken.errno()).isEqualTo(Errno.EEXIST);
    } finally {
      namespace.delete();
    }
    assertThat(NetworkNamespace.exists(name)).isFalse();
    assertThatThrownBy(() -> NetworkNamespace.open(name)).isInstanceOf(KernelException.class);
    assertThatThrownBy(() -> NetworkNamespace.create("../etc"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aNamespaceThreadThrowsWhatItsTaskThrew() {
    NetworkNamespace own = NetworkNamespace.ofProcess(ProcessHandle.current().pid());
    try (NamespaceThread thread = own.startThread("own")) {
      assertThatThrownBy(
              () ->
                  thread.call(
                      () -> {
                        throw new IOException("from inside");
                      }))
          .isInstanceOf(IOException.class)
          .hasMessage("from inside");
      assertThat(thread.<Integer, RuntimeException>call(() -> thread.call(() -> 7))).isEqualTo(7);
    }
  }

  /** A daemon that holds a thousand connections would end when it next changes its rules. */
  @Test
  void copiesLeaveTheLowDescriptorsToLibrariesThatSelect() {
    try (RepairSocket copy = new LinuxTcpSockets().create(SocketFamily.IPV4)) {
      assertThat(copy.descriptor()).isGreaterThanOrEqualTo(1024);
    }
  }

  @Test
  void anotherProcessesSocketIsTheSameSocket() throws IOException {
    Process child = new ProcessBuilder("sleep", "60").start();
    try (PidDescriptors descriptors = PidDescriptors.open((int) child.pid())) {
      int input = descriptors.duplicate(0);
      PollSet poll = new PollSet(input);
      assertThat(poll.await(Duration.ZERO)).isZero();
      child.getOutputStream().write('x');
      child.getOutputStream().flush();
      ByteBuffer read = ByteBuffer.allocate(10);
      assertThat(poll.await(Duration.ofSeconds(5))).isOne();
      assertThat(Descriptors.read(input, read)).isOne();
      child.getOutputStream().close();
      assertThat(poll.await(Duration.ofSeconds(5))).isOne();
      assertThat(poll.readiness(0).hangUp()).isTrue();
      Descriptors.close(input);
      KernelException missing =
          catchThrowableOfType(KernelException.class, () -> descriptors.duplicate(999));
      assertThat(missing.errno()).isEqualTo(Errno.EBADF);
    } finally {
      child.destroyForcibly();
    }
  }

  @Test
  void processesStopAndContinue() throws IOException, InterruptedException {
    Process child = new ProcessBuilder("sleep", "60").start();
    try {
      Signals.stop((int) child.pid());
      awaitProcessState(child, "T");
      Signals.resume((int) child.pid());
      awaitProcessState(child, "S");
    } finally {
      child.destroyForcibly();
    }
    assertThatThrownBy(() -> Signals.stop(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  private static void awaitProcessState(Process process, String state)
      throws IOException, InterruptedException {
    String seen = "";
    for (int i = 0; i < 1000 && !seen.equals(state); i++) {
      String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
      seen = stat.substring(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
      Thread.sleep(1);
    }
    assertThat(seen).isEqualTo(state);
  }

  @Test
  void devicesAreReadAndWritten() {
    try (CharacterDevice zero = CharacterDevice.open(Path.of("/dev/zero"))) {
      ByteBuffer read = ByteBuffer.allocate(100);
      assertThat(zero.read(read)).isEqualTo(100);
      assertThat(zero.write(ByteBuffer.wrap(new byte[] {1, 2, 3}))).isEqualTo(3);
    }
    assertThatThrownBy(() -> CharacterDevice.open(Path.of("/dev/none")))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("/dev/none");
  }

  @Test
  void netlinkDumpsLinksAndSockets() {
    try (NetworkNamespaces network = new NetworkNamespaces();
        TcpPair pair = TcpPair.connect(network, SocketFamily.IPV4)) {
      List<NetlinkMessage> links =
          ask(network, NetlinkSocket.NETLINK_ROUTE, RTM_GETLINK, ByteBuffer.allocate(16));
      assertThat(links).hasSize(2).allMatch(message -> message.type() == RTM_NEWLINK);
      assertThat(links.get(1).payload().array())
          .asString(StandardCharsets.ISO_8859_1)
          .contains("eth0");
      // struct inet_diag_req_v2: family, protocol, extensions, padding, states, id
      ByteBuffer request = ByteBuffer.allocate(56).order(ByteOrder.nativeOrder());
      request.put((byte) LinuxConstants.AF_INET).put((byte) LinuxConstants.IPPROTO_TCP);
      request.putInt(4, -1).rewind();
      List<NetlinkMessage> sockets =
          ask(network, NetlinkSocket.NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, request);
      assertThat(sockets).hasSize(1);
      assertThat(pair.guest().descriptor()).isPositive();
    }
  }

  private static List<NetlinkMessage> ask(
      NetworkNamespaces network, int protocol, int type, ByteBuffer payload) {
    return network
        .in(Place.GUEST)
        .call(
            () -> {
              try (NetlinkSocket socket = NetlinkSocket.open(protocol)) {
                return socket.request(type, NetlinkSocket.NLM_F_DUMP, payload);
              }
            });
  }

  @Test
  void netlinkRefusalsAreErrors() {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE)) {
      ByteBuffer unknownLink = ByteBuffer.allocate(16).order(ByteOrder.nativeOrder());
      unknownLink.putInt(4, 1_000_000);
      KernelException error =
          catchThrowableOfType(
              KernelException.class,
              () -> socket.request(RTM_GETLINK, NetlinkSocket.NLM_F_ACK, unknownLink));
      assertThat(error.errno()).isEqualTo(Errno.ENODEV);
    }
  }

  @Test
  void packetFiltersChooseFrames() {
    try (NetworkNamespaces network = new NetworkNamespaces();
        PacketSocket arp = network.in(Place.PEER).call(KernelWrappersTest::openForArp)) {
      try (TcpPair pair = TcpPair.connect(network, SocketFamily.IPV6)) {
        Traffic.exchange(pair.guest(), pair.peer(), 10_000);
      }
      ByteBuffer frame = ByteBuffer.allocateDirect(2000);
      while (arp.receive(frame.clear()) >= 0) {
        assertThat(frame.getShort(12)).isEqualTo((short) 0x0806);
      }
      network.open(Place.GUEST); // announces by ARP
      assertThat(new PollSet(arp.descriptor()).await(Duration.ofSeconds(5))).isOne();
      assertThat(arp.receive(frame.clear())).isEqualTo(60);
    }
  }

  /** ldh [12]; jeq 0x0806, keep all, keep nothing. */
  private static PacketSocket openForArp() {
    return PacketSocket.open(
        NetworkInterfaces.index("eth0"),
        1 << 20,
        true,
        List.of(
            new PacketSocket.FilterInstruction(0x28, 0, 0, 12),
            new PacketSocket.FilterInstruction(0x15, 0, 1, 0x0806),
            new PacketSocket.FilterInstruction(0x06, 0, 0, 0x40000),
            new PacketSocket.FilterInstruction(0x06, 0, 0, 0)));
  }
}
