package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.linux.NetworkInterfaces;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.InterfaceAddress;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.VmInterface;
import org.holdfast.takeover.VmRoute;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A guest with all the addresses an interface can have, and jumbo frames: link-local, several of
 * both versions, one for privacy, and peers behind a router that is known by its link-local address
 * alone.
 */
@Tag("kernel")
@Timeout(60)
class AddressesTest {
  private static final int MTU = 9000;
  private static final String GUEST_LINK_LOCAL = "fe80::77:1";
  private static final String ROUTER_LINK_LOCAL = "fe80::77:50";
  private static final String SECOND_IPV4 = "10.78.0.1";
  private static final String PRIVACY = "fd77:0::3c1d:9f";
  private static final String BEHIND_ROUTER = "fd99::9";

  @Test
  void connectionsOnAllOfThemAreHeldAndGivenBack() throws Exception {
    try (TestNetwork network = new TestNetwork(1);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace());
        GuestProcess guest = new GuestProcess(network.guest())) {
      configure(network);
      List<PeerStream> streams = new ArrayList<>();
      for (InetAddress server : servers(network)) {
        streams.add(new PeerStream(network.peer(), server, true));
        streams.add(new PeerStream(network.peer(), server, false));
      }
      Thread.sleep(300);
      List<VmInterface> interfaces = List.of(described(network));
      try (GuestPorts ports = host.guestPorts(interfaces);
          TakeoverNamespace takeover = host.prepare(interfaces, HoldOptions.defaults())) {
        OneHost.takeOver(takeover, guest, guest.findConnections());
        List<Long> before = downloaded(streams);
        Thread.sleep(700);
        assertThat(takeover.connections().statistics())
            .filteredOn(copy -> copy.receivedBytes() > 100_000)
            .as("echoed by nobody, but received")
            .hasSize(streams.size() / 2);
        assertThat(downloaded(streams)).allMatch(bytes -> bytes > before.get(0) / 2);
        OneHost.giveBack(takeover, ports, guest);
      }
      Thread.sleep(300);
      for (PeerStream stream : streams) {
        assertThat(stream.finish()).isEmpty();
        stream.close();
      }
      assertThat(guest.complaints()).doesNotContain("IOException").doesNotContain("EPERM");
    }
  }

  private static List<Long> downloaded(List<PeerStream> streams) {
    List<Long> bytes = new ArrayList<>();
    for (int i = 1; i < streams.size(); i += 2) {
      bytes.add(streams.get(i).verifiedBytes());
    }
    return bytes;
  }

  private static void configure(TestNetwork network) {
    network
        .host()
        .call(
            () ->
                TestNetwork.run(
                    new IpBatch()
                        .add("link set br0 mtu %d", MTU)
                        .add("link set vnet0 mtu %d", MTU)
                        .add("link set uplink0 mtu %d", MTU)));
    network
        .guest()
        .call(
            () ->
                TestNetwork.run(
                    new IpBatch()
                        .add("link set eth0 mtu %d", MTU)
                        .add("address add %s/64 dev eth0 nodad", GUEST_LINK_LOCAL)
                        .add("address add %s/24 dev eth0", SECOND_IPV4)
                        .add("address add %s/64 dev eth0 nodad", PRIVACY)
                        .add("route add default via %s dev eth0", ROUTER_LINK_LOCAL)));
    network
        .peer()
        .call(
            () ->
                TestNetwork.run(
                    new IpBatch()
                        .add("link set eth0 mtu %d", MTU)
                        .add("address add %s/64 dev eth0 nodad", ROUTER_LINK_LOCAL)
                        .add("address add 10.78.0.50/24 dev eth0")
                        .add("address add %s/128 dev lo nodad", BEHIND_ROUTER)
                        .add("route add %s/128 dev eth0 src %s", PRIVACY, BEHIND_ROUTER)));
  }

  private static List<InetAddress> servers(TestNetwork network) throws Exception {
    int scope = network.peer().call(() -> NetworkInterfaces.index("eth0"));
    return List.of(
        TestNetwork.address("10.77.0.1"),
        TestNetwork.address(SECOND_IPV4),
        TestNetwork.address("fd77:0::1"),
        TestNetwork.address(PRIVACY),
        Inet6Address.getByAddress(null, TestNetwork.address(GUEST_LINK_LOCAL).getAddress(), scope));
  }

  private static VmInterface described(TestNetwork network) {
    VmInterface plain = network.vmInterfaces().get(0);
    List<InterfaceAddress> addresses = new ArrayList<>(plain.addresses());
    addresses.add(new InterfaceAddress(TestNetwork.address(SECOND_IPV4), 24));
    addresses.add(new InterfaceAddress(TestNetwork.address(PRIVACY), 64));
    addresses.add(new InterfaceAddress(TestNetwork.address(GUEST_LINK_LOCAL), 64));
    VmRoute router = new VmRoute(null, 0, TestNetwork.address(ROUTER_LINK_LOCAL), 1024);
    return new VmInterface(plain.port(), MTU, addresses, List.of(router), List.of());
  }
}
