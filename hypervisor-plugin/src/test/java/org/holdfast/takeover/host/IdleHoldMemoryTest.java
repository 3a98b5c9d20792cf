package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.holdfast.takeover.ConnectionToHold;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.tcp.NegotiatedOptions;
import org.holdfast.tcp.RoundTripTime;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.tcp.TcpState;
import org.holdfast.tcp.TcpWindow;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A host holds thousands of connections over which nothing is said. */
@Tag("kernel")
@Timeout(60)
class IdleHoldMemoryTest {
  private static final int CONNECTIONS = 4000;
  private static final int MOST_BYTES_EACH = 16 * 1024;
  private static final int NOISE_BYTES = 1 << 20;
  private static final int FIRST_PORT = 20_000;

  @Test
  void anIdleConnectionCostsLittle() throws Exception {
    try (TestNetwork network = new TestNetwork(1);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace());
        TakeoverNamespace takeover = host.prepare(network.vmInterfaces(), HoldOptions.defaults())) {
      takeover.fence();
      hold(takeover, 0, 100);
      long before = memoryAtRest();
      hold(takeover, 100, CONNECTIONS);
      takeover.open();
      takeover.connections().release();
      long each = (memory() - before) / CONNECTIONS;
      System.out.println("an idle held connection takes " + each + " bytes");
      assertThat(takeover.connections().size()).isEqualTo(100 + CONNECTIONS);
      assertThat(each).isBetween(1000L, (long) MOST_BYTES_EACH);
    }
  }

  private static void hold(TakeoverNamespace takeover, int first, int count) {
    for (int i = first; i < first + count; i++) {
      ConnectionToHold idle = new ConnectionToHold(i, idle(FIRST_PORT + i), null);
      assertThat(takeover.connections().recreate(List.of(idle))).isEmpty();
    }
  }

  /** What was there before goes on being cleared away for a while. */
  private static long memoryAtRest() throws IOException, InterruptedException {
    long last = Long.MAX_VALUE;
    long now = memory();
    for (int i = 0; i < 20 && last - now > NOISE_BYTES; i++) {
      Thread.sleep(500);
      last = now;
      now = memory();
    }
    return now;
  }

  /** The Java heap, what is beside it, and the kernel's objects. */
  private static long memory() throws IOException {
    System.gc();
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    long buffers =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    long slabKilobytes =
        Files.readAllLines(Path.of("/proc/meminfo")).stream()
            .filter(line -> line.startsWith("Slab:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .sum();
    return runtime.totalMemory() - runtime.freeMemory() + buffers + slabKilobytes * 1024;
  }

  private static TcpExport idle(int peerPort) {
    TcpSnapshot snapshot =
        new TcpSnapshot(
            SocketFamily.IPV4,
            new InetSocketAddress(TestNetwork.address("10.77.0.1"), 80),
            new InetSocketAddress(TestNetwork.address("10.77.0.50"), peerPort),
            TcpState.ESTABLISHED,
            1000,
            2000,
            0,
            0,
            0,
            new NegotiatedOptions(true, true, true, 7, 7, 1448, false),
            1000,
            new TcpWindow(2000, 65_536, 65_536, 65_536, 2000),
            new RoundTripTime(0, 0),
            "",
            false,
            false,
            0,
            0);
    return new TcpExport(snapshot, ByteBuffer.allocate(0), ByteBuffer.allocate(0));
  }
}
