package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.holdfast.takeover.HostPort;
import org.holdfast.takeover.InterfaceAddress;
import org.holdfast.takeover.VmInterface;
import org.holdfast.takeover.VmNeighbour;
import org.holdfast.takeover.VmRoute;
import org.holdfast.wire.MacAddress;
import org.junit.jupiter.api.Test;

class AddressPlanTest {
  private static final MacAddress ROUTER = MacAddress.of("52:54:00:00:00:fe");

  private final VmInterface vm =
      new VmInterface(
          new HostPort(MacAddress.of("52:54:00:12:34:56"), "br0", "vnet0"),
          1500,
          List.of(
              new InterfaceAddress(TestNetwork.address("192.0.2.7"), 24),
              new InterfaceAddress(TestNetwork.address("198.51.100.1"), 32),
              new InterfaceAddress(TestNetwork.address("2001:db8::7"), 64),
              new InterfaceAddress(TestNetwork.address("fe80::7"), 64)),
          List.of(
              new VmRoute(TestNetwork.address("192.0.2.0"), 24, null, 100),
              new VmRoute(TestNetwork.address("fe80::"), 64, null, 256),
              new VmRoute(TestNetwork.address("10.0.0.9"), 99, null, 0),
              new VmRoute(null, 0, TestNetwork.address("192.0.2.254"), 100),
              new VmRoute(null, 0, TestNetwork.address("fe80::fe"), 1024)),
          List.of(new VmNeighbour(TestNetwork.address("192.0.2.254"), ROUTER)));

  @Test
  void addressesSkipDuplicateAddressDetection() {
    IpBatch batch = new IpBatch();
    new AddressPlan(vm, "eth0").addAddresses(batch);
    assertThat(batch.commands())
        .containsExactly(
            "address add 192.0.2.7/24 dev eth0 noprefixroute",
            "address add 198.51.100.1/32 dev eth0 noprefixroute",
            "address add 2001:db8:0:0:0:0:0:7/64 dev eth0 nodad noprefixroute",
            "address add fe80:0:0:0:0:0:0:7/64 dev eth0 nodad");
  }

  @Test
  void routesAreThoseOfTheVmWithoutNonsense() {
    IpBatch batch = new IpBatch();
    new AddressPlan(vm, "eth0").addRoutes(batch);
    assertThat(batch.commands())
        .containsExactly(
            "route append 192.0.2.0/24 dev eth0 rtt 20ms rto_min 60ms",
            "route append 2001:db8:0:0:0:0:0:0/64 dev eth0 rtt 20ms rto_min 60ms",
            "route append 192.0.2.0/24 metric 100 dev eth0 rtt 20ms rto_min 60ms",
            "route append default via 192.0.2.254 metric 100 dev eth0 onlink rtt 20ms rto_min 60ms",
            "route append default via fe80:0:0:0:0:0:0:fe metric 1024 dev eth0 onlink"
                + " rtt 20ms rto_min 60ms",
            "neighbour replace 192.0.2.254 lladdr 52:54:00:00:00:fe dev eth0 nud stale");
  }
}
