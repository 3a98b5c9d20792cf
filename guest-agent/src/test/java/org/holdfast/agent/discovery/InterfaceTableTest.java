package org.holdfast.agent.discovery;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.net.InetAddress;
import java.util.HexFormat;
import java.util.List;
import org.holdfast.linux.NetlinkMessage;
import org.holdfast.proto.agent.v1.GuestInterface;
import org.holdfast.proto.agent.v1.InterfaceAddress;
import org.holdfast.proto.agent.v1.Neighbour;
import org.holdfast.proto.agent.v1.Route;
import org.holdfast.wire.MacAddress;
import org.junit.jupiter.api.Test;

class InterfaceTableTest {
  private final InterfaceTable table = Captured.interfaces();

  @Test
  void knowsEthernetInterfacesOnly() {
    assertThat(table.interfaces())
        .extracting(GuestInterface::getName)
        .containsExactly("far", "eth0");
    GuestInterface eth0 = eth0();
    assertThat(eth0.getMac()).isEqualTo(MacAddress.of("52:54:00:aa:bb:01").toByteString());
    assertThat(eth0.getMtu()).isEqualTo(1400);
    assertThat(table.indexOf(MacAddress.of("52:54:00:aa:bb:01"))).hasValue(3);
    assertThat(table.macOf(3)).hasValue(MacAddress.of("52:54:00:aa:bb:01"));
    assertThat(table.macOf(1)).isEmpty();
  }

  @Test
  void knowsAddresses() throws Exception {
    assertThat(eth0().getAddressesList())
        .contains(address("0a4d0001", 24), address("fd000077" + "0".repeat(23) + "1", 64));
    assertThat(table.isLocal(InetAddress.getByName("10.77.0.1"))).isTrue();
    assertThat(table.isLocal(InetAddress.getByName("fd00:77::1"))).isTrue();
    assertThat(table.isLocal(InetAddress.getByName("127.9.9.9"))).isTrue();
    assertThat(table.isLocal(InetAddress.getByName("10.77.0.2"))).isFalse();
  }

  @Test
  void knowsRoutesOfTheMainTable() {
    List<Route> routes = eth0().getRoutesList();
    assertThat(routes)
        .anySatisfy(
            route -> {
              assertThat(route.getDestination().isEmpty()).isTrue();
              assertThat(route.getGateway()).isEqualTo(bytes("0a4d00fe"));
            })
        .anySatisfy(
            route -> {
              assertThat(route.getDestination()).isEqualTo(bytes("20010db8" + "0".repeat(24)));
              assertThat(route.getPrefixLength()).isEqualTo(32);
              assertThat(route.getMetric()).isEqualTo(77);
            })
        .noneMatch(route -> route.getDestination().equals(bytes("c6336400")))
        .noneMatch(route -> route.getDestination().equals(bytes("c0000200")));
  }

  @Test
  void knowsNeighboursThatHaveAnswered() {
    assertThat(eth0().getNeighboursList())
        .containsExactly(
            Neighbour.newBuilder()
                .setAddress(bytes("0a4d00fe"))
                .setMac(MacAddress.of("52:54:00:00:00:09").toByteString())
                .build());
  }

  @Test
  void knowsNoVlans() {
    assertThat(RouteMessages.link(link("veth"))).isPresent();
    assertThat(RouteMessages.link(link("vlan"))).isEmpty();
  }

  /** An Ethernet interface of some kind, as RTM_NEWLINK describes it. */
  private static NetlinkMessage link(String kind) {
    String fixed = "0000" + "0100" + "05000000" + "00".repeat(8);
    String mac = "0a000100" + "525400000001" + "0000";
    String name = "09000300" + HexFormat.of().formatHex("eth0".getBytes(US_ASCII)) + "00000000";
    String text = "09000100" + HexFormat.of().formatHex(kind.getBytes(US_ASCII)) + "00000000";
    return Captured.message(RouteMessages.RTM_NEWLINK, fixed + mac + name + "10001200" + text);
  }

  private GuestInterface eth0() {
    return table.interfaces().stream()
        .filter(candidate -> candidate.getName().equals("eth0"))
        .findFirst()
        .orElseThrow();
  }

  private static InterfaceAddress address(String hex, int prefixLength) {
    return InterfaceAddress.newBuilder()
        .setAddress(bytes(hex))
        .setPrefixLength(prefixLength)
        .build();
  }

  private static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }
}
