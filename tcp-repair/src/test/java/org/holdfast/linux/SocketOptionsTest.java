package org.holdfast.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.holdfast.tcp.SocketFamily;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every option the kernel lets an application read is the same before and after. */
@Tag("kernel")
class SocketOptionsTest {
  private static final int IPPROTO_IP = 0;
  private static final int IPPROTO_IPV6 = 41;
  private static final int[] LEVELS = {
    LinuxConstants.SOL_SOCKET, LinuxConstants.IPPROTO_TCP, IPPROTO_IP, IPPROTO_IPV6
  };

  /** Measurements and clocks, not options: they move while one looks. */
  private static final Set<String> MEASUREMENTS =
      Set.of(
          "0/14", // IP_MTU, of the route in the socket's cache
          "41/24", // IPV6_MTU, likewise
          "41/61", // IPV6_PATHMTU, likewise
          "1/49", // SO_INCOMING_CPU
          "1/55", // SO_MEMINFO
          "1/56", // SO_INCOMING_NAPI_ID
          "6/11", // TCP_INFO
          "6/21", // TCP_QUEUE_SEQ: a sequence number, of the queue that repair last chose
          "6/20", // TCP_REPAIR_QUEUE: likewise
          "6/24", // TCP_TIMESTAMP
          "6/26", // TCP_CC_INFO
          "6/28", // TCP_SAVED_SYN: reading takes it away
          "6/35"); // TCP_ZEROCOPY_RECEIVE

  /** They would end the connection, stop it, or change what it is. */
  private static final Set<String> NOT_TO_BE_SET =
      Set.of(
          "1/36", // SO_MARK: a route of its own
          "1/25", // SO_BINDTODEVICE
          "1/62", // SO_BINDTOIFINDEX
          "6/3", // TCP_CORK: holds the test's own bytes back
          "6/18", // TCP_USER_TIMEOUT: of 1 ms
          "6/19", // TCP_REPAIR
          "41/1"); // IPV6_ADDRFORM

  private NetworkNamespaces network;

  @BeforeEach
  void buildNetwork() {
    network = new NetworkNamespaces();
  }

  @AfterEach
  void removeNetwork() {
    network.close();
  }

  @ParameterizedTest
  @EnumSource
  void usualOptionsOfAServer(SocketFamily family) throws InterruptedException {
    try (TcpPair pair = TcpPair.connect(network, family)) {
      Traffic.exchange(pair.guest(), pair.peer(), 1_000_000);
      awaitTuned(pair);
      staySame(pair);
    }
  }

  /** What the kernel has measured while much came it acts on at a later read. */
  private static void awaitTuned(TcpPair pair) throws InterruptedException {
    Map<String, String> before;
    do {
      before = options(pair.guest());
      Thread.sleep(20); // its measurement lasts a round trip
      pair.peer().send(Traffic.bytes(0, 20_000));
      Traffic.expect(pair.guest(), Traffic.bytes(0, 20_000));
    } while (!options(pair.guest()).equals(before));
  }

  @ParameterizedTest
  @EnumSource
  void usualOptionsOfAClient(SocketFamily family) {
    try (TcpPair pair = TcpPair.connectOut(network, family)) {
      staySame(pair);
    }
  }

  @ParameterizedTest
  @EnumSource
  void unusualOptions(SocketFamily family) {
    try (TcpPair pair = TcpPair.connect(network, family)) {
      int socket = LinuxConstants.SOL_SOCKET;
      int tcp = LinuxConstants.IPPROTO_TCP;
      AppSocket guest = pair.guest();
      guest.setOption(socket, LinuxConstants.SO_KEEPALIVE, 1);
      guest.setOption(socket, LinuxConstants.SO_SNDBUF, 40_000);
      guest.setOption(socket, LinuxConstants.SO_RCVBUF, 50_000);
      guest.setOption(socket, 12, 5); // SO_PRIORITY
      guest.setOption(socket, 18, 100); // SO_RCVLOWAT
      guest.setOption(socket, 36, 77); // SO_MARK
      guest.setOption(tcp, LinuxConstants.TCP_NODELAY, 1);
      guest.setOption(tcp, 4, 33); // TCP_KEEPIDLE
      guest.setOption(tcp, 5, 7); // TCP_KEEPINTVL
      guest.setOption(tcp, 6, 4); // TCP_KEEPCNT
      guest.setOption(tcp, 8, 60); // TCP_LINGER2
      guest.setOption(tcp, LinuxConstants.TCP_WINDOW_CLAMP, 30_000);
      guest.setOption(tcp, LinuxConstants.TCP_USER_TIMEOUT, 10_000);
      guest.setOption(tcp, LinuxConstants.TCP_NOTSENT_LOWAT, 16_384);
      guest.setOption(tcp, LinuxConstants.TCP_QUICKACK, 1);
      if (family == SocketFamily.IPV6) {
        guest.setOption(IPPROTO_IPV6, 67, 0x28); // IPV6_TCLASS
        guest.setOption(IPPROTO_IPV6, 16, 33); // IPV6_UNICAST_HOPS
      } else {
        guest.setOption(IPPROTO_IP, 1, 0x28); // IP_TOS
        guest.setOption(IPPROTO_IP, 2, 33); // IP_TTL
      }
      staySame(pair);
    }
  }

  /** Whatever an application may have set to an unusual value; found out by trying. */
  @ParameterizedTest
  @EnumSource
  void everyOptionThatCanBeSet(SocketFamily family) {
    try (TcpPair pair = TcpPair.connect(network, family)) {
      int set = 0;
      for (int level : LEVELS) {
        for (int name = 0; name < 100; name++) {
          if (!NOT_TO_BE_SET.contains(level + "/" + name) && change(pair.guest(), level, name)) {
            set++;
          }
        }
      }
      assertThat(set).as("options that could be set").isGreaterThan(30);
      staySame(pair);
    }
  }

  /** Returns whether the option has another value now. */
  private static boolean change(AppSocket socket, int level, int name) {
    byte[] before = socket.rawOption(level, name);
    if (before == null || before.length != Integer.BYTES) {
      return false;
    }
    int value = ByteBuffer.wrap(before).order(ByteOrder.nativeOrder()).getInt();
    try {
      socket.setOption(level, name, value + 1);
    } catch (RuntimeException notForSetting) {
      return false;
    }
    return !Arrays.equals(before, socket.rawOption(level, name));
  }

  /** Data held and data in the send queue make the buffers grow on the way. */
  private void staySame(TcpPair pair) {
    Map<String, String> before = options(pair.guest());
    for (int round = 0; round < 2; round++) {
      try (Takeover takeover = Takeover.of(network, pair)) {
        pair.peer().send(Traffic.bytes(round, 20_000));
        takeover.giveBack();
      }
      Traffic.expect(pair.guest(), Traffic.bytes(round, 20_000));
    }
    Map<String, String> after = options(pair.guest());
    assertThat(after).hasSizeGreaterThan(60).containsExactlyInAnyOrderEntriesOf(before);
  }

  private static Map<String, String> options(AppSocket socket) {
    Map<String, String> values = new TreeMap<>();
    for (int level : LEVELS) {
      for (int name = 0; name < 100; name++) {
        String key = level + "/" + name;
        byte[] value = MEASUREMENTS.contains(key) ? null : socket.rawOption(level, name);
        if (value != null) {
          values.put(key, HexFormat.of().formatHex(value));
        }
      }
    }
    return values;
  }
}
