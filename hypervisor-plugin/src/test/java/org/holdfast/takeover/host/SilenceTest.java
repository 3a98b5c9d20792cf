package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.VmInterface;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a takeover namespace must never say. */
@Tag("kernel")
@Timeout(60)
class SilenceTest {

  @Test
  void strangersGetNoAnswerButNeighboursDo() throws Exception {
    try (TestNetwork network = new TestNetwork(1);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace());
        TakeoverNamespace takeover = host.prepare(network.vmInterfaces(), HoldOptions.defaults())) {
      takeover.fence();
      takeover.open();
      takeover.connections().release();
      takeover.replayParked();
      try (WireTap tap = new WireTap(network.peer(), "eth0", TestNetwork.mac(0))) {
        for (String address : List.of("10.77.0.1", "fd77:0::1")) {
          assertThatThrownBy(() -> connect(network, address))
              .isInstanceOf(SocketTimeoutException.class);
        }
        assertThat(tap.voices()).isEmpty();
        assertThat(tap.resolved()).isGreaterThanOrEqualTo(2);
      }
    }
  }

  private static void connect(TestNetwork network, String address) throws IOException {
    try (SocketChannel channel = network.peer().call(() -> SocketChannel.open())) {
      channel.socket().connect(new InetSocketAddress(TestNetwork.address(address), 9), 400);
    }
  }

  @Test
  void nothingIsHeardOfItUntilItOpens() throws Exception {
    try (TestNetwork network = new TestNetwork(2);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace())) {
      host.fence().close(List.of("vnet0", "vnet1"));
      try (WireTap first = new WireTap(network.peer(), "eth0", TestNetwork.mac(0));
          WireTap second = new WireTap(network.peer(), "eth1", TestNetwork.mac(1));
          TakeoverNamespace takeover =
              host.prepare(network.vmInterfaces(), HoldOptions.defaults())) {
        takeover.fence();
        Thread.sleep(1200);
        first.voices();
        second.voices();
        assertThat(first.frames() + second.frames()).isZero();
      }
    }
  }

  @Test
  void whatCannotBePreparedLeavesNothing() {
    try (TestNetwork network = new TestNetwork(1);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace())) {
      VmInterface good = network.vmInterfaces().get(0);
      VmInterface badMtu = new VmInterface(good.port(), 20, good.addresses(), List.of(), List.of());
      assertThatThrownBy(() -> host.prepare(List.of(badMtu), HoldOptions.defaults()))
          .isInstanceOf(TakeoverException.class);
      VmInterface twice =
          new VmInterface(
              good.port(),
              1500,
              List.of(good.addresses().get(0), good.addresses().get(0)),
              List.of(),
              List.of());
      assertThatThrownBy(() -> host.prepare(List.of(twice), HoldOptions.defaults()))
          .isInstanceOf(TakeoverException.class)
          .hasMessageContaining("ip refused");
      assertThat(host.leftovers().find()).isEmpty();
    }
  }

  @Test
  void aDeadDaemonsLeftoversAreFoundAndRemoved() {
    try (TestNetwork network = new TestNetwork(1)) {
      LinuxHostNetwork dead = LinuxHostNetwork.in(network.hostNamespace());
      TakeoverNamespace abandoned = dead.prepare(network.vmInterfaces(), HoldOptions.defaults());
      abandoned.fence();
      try (LinuxHostNetwork restarted = LinuxHostNetwork.in(network.hostNamespace())) {
        assertThat(restarted.leftovers().find())
            .contains(
                "keeper " + abandoned.name(),
                "namespace " + abandoned.name(),
                "table bridge holdfast")
            .hasSize(5);
        restarted.leftovers().remove();
        assertThat(restarted.leftovers().find()).isEmpty();
        assertThat(Bridges.behind(network.host(), "br0", TestNetwork.mac(0))).isEmpty();
      }
      dead.close();
    }
  }
}
