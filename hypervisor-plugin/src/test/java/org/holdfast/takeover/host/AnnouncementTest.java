package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.wire.MacAddress;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The peer's end of the cable is put on a switch: does it learn? */
@Tag("kernel")
@Timeout(60)
class AnnouncementTest {
  private static final MacAddress GUEST = TestNetwork.mac(0);

  @Test
  void thisBridgeAndTheSwitchBeyondLearnWhereTheGuestIs() throws Exception {
    try (TestNetwork network = new TestNetwork(1);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace())) {
      host.fence().close(List.of("vnet0"));
      addSwitchBeyond(network);
      try (GuestPorts ports = host.guestPorts(network.vmInterfaces())) {
        ports.fence();
        ports.announce();
        Thread.sleep(100);
        assertThat(Bridges.behind(network.peer(), "switch", GUEST)).isEmpty();
        ports.open();
        ports.announce();
        Thread.sleep(100);
        assertThat(Bridges.behind(network.host(), "br0", GUEST)).contains("vnet0");
        assertThat(Bridges.behind(network.peer(), "switch", GUEST)).contains("eth0");
      }
    }
  }

  @Test
  void theSwitchBeyondLearnsFromTheTakeoverNamespaceToo() throws Exception {
    try (TestNetwork network = new TestNetwork(1);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace())) {
      host.fence().close(List.of("vnet0"));
      addSwitchBeyond(network);
      try (TakeoverNamespace takeover =
          host.prepare(network.vmInterfaces(), HoldOptions.defaults())) {
        takeover.fence();
        Thread.sleep(300);
        assertThat(Bridges.behind(network.peer(), "switch", GUEST)).isEmpty();
        takeover.open();
        takeover.announce();
        Thread.sleep(100);
        assertThat(Bridges.behind(network.peer(), "switch", GUEST)).contains("eth0");
      }
      assertThat(Bridges.behind(network.host(), "br0", GUEST)).isEmpty();
      assertThat(host.leftovers().find()).isEmpty();
    }
  }

  private static void addSwitchBeyond(TestNetwork network) {
    network
        .peer()
        .call(
            () ->
                TestNetwork.run(
                    new IpBatch()
                        .add("link add switch type bridge")
                        .add("link set eth0 master switch")
                        .add("link set switch up")));
  }
}
