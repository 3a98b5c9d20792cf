package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.HeldStatistics;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.tcp.TcpState;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One peer says that it has sent all, another one resets, while the guest is away. */
@Tag("kernel")
@Timeout(60)
class PeerEndsWhileHeldTest {

  @Test
  void theGuestSeesTheEndAndTheReset() throws Exception {
    try (TestNetwork network = new TestNetwork(1);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace());
        GuestProcess guest = new GuestProcess(network.guest());
        PeerStream ending = new PeerStream(network.peer(), TestNetwork.address("fd77:0::1"), true);
        SocketChannel resetting = connect(network)) {
      Thread.sleep(300);
      int found = guest.findConnections();
      assertThat(found).isEqualTo(2);
      CompletableFuture<String> verdict;
      try (GuestPorts guestPorts = host.guestPorts(network.vmInterfaces());
          TakeoverNamespace takeover =
              host.prepare(network.vmInterfaces(), HoldOptions.defaults())) {
        OneHost.takeOver(takeover, guest, found);
        verdict = CompletableFuture.supplyAsync(() -> finish(ending));
        resetting.setOption(StandardSocketOptions.SO_LINGER, 0);
        resetting.close();
        Thread.sleep(300);
        assertThat(takeover.connections().statistics().stream().map(HeldStatistics::state))
            .containsExactlyInAnyOrder(TcpState.CLOSE_WAIT, TcpState.CLOSE);
        long begin = System.nanoTime();
        OneHost.giveBack(takeover, guestPorts, guest);
        assertThat(System.nanoTime() - begin).isLessThan(200_000_000);
      }
      assertThat(verdict.get(15, TimeUnit.SECONDS)).isEmpty();
      assertThat(guest.complaints()).contains("Connection reset").doesNotContain("EPERM");
    }
  }

  private static SocketChannel connect(TestNetwork network) throws Exception {
    InetSocketAddress server =
        new InetSocketAddress(TestNetwork.address("10.77.0.1"), GuestApplication.PORT);
    SocketChannel channel = network.peer().call(() -> SocketChannel.open(server));
    channel.write(ByteBuffer.wrap(new byte[] {'E', 'x'}));
    return channel;
  }

  private static String finish(PeerStream stream) {
    try {
      return stream.finish();
    } catch (InterruptedException e) {
      return "interrupted";
    }
  }
}
