package org.holdfast.migration.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.holdfast.libvirt.DomainInterface;
import org.holdfast.libvirt.InterfaceType;
import org.holdfast.proto.agent.v1.GuestInterface;
import org.holdfast.takeover.InterfaceAddress;
import org.holdfast.takeover.VmInterface;
import org.holdfast.wire.MacAddress;
import org.junit.jupiter.api.Test;

/** What the host believes of the interfaces that a guest claims to have. */
class ClaimedInterfacesTest {
  private static final MacAddress MAC = MacAddress.of("52:54:00:00:00:01");
  private static final MacAddress OTHER = MacAddress.of("52:54:00:00:00:02");

  @Test
  void aBridgeInTheGuestHasTheAddressesOfItsPort() throws Exception {
    List<VmInterface> interfaces =
        ClaimedInterfaces.of(
            List.of(domainInterface(Optional.empty())),
            List.of(
                guestInterface(MAC, "fe80::5054:ff:fe00:1"),
                guestInterface(OTHER, "10.0.0.9"),
                guestInterface(MAC, "10.0.0.1", "fe80::5054:ff:fe00:1")));
    assertThat(interfaces).hasSize(1);
    assertThat(interfaces.get(0).addresses())
        .extracting(InterfaceAddress::address)
        .containsExactly(
            InetAddress.getByName("fe80::5054:ff:fe00:1"), InetAddress.getByName("10.0.0.1"));
  }

  @Test
  void aPortWithAnNwfilterIsFiltered() {
    assertThat(filtered(Optional.of("clean-traffic"))).isTrue();
    assertThat(filtered(Optional.empty())).isFalse();
  }

  private static boolean filtered(Optional<String> filter) {
    return ClaimedInterfaces.of(List.of(domainInterface(filter)), List.of())
        .get(0)
        .port()
        .filtered();
  }

  private static DomainInterface domainInterface(Optional<String> filter) {
    return new DomainInterface(
        MAC,
        InterfaceType.BRIDGE,
        Optional.of("br0"),
        Optional.of("vnet0"),
        filter,
        OptionalInt.empty(),
        OptionalInt.empty(),
        true);
  }

  private static GuestInterface guestInterface(MacAddress mac, String... addresses)
      throws Exception {
    GuestInterface.Builder claimed =
        GuestInterface.newBuilder().setMac(mac.toByteString()).setMtu(1500);
    for (String address : addresses) {
      byte[] bytes = InetAddress.getByName(address).getAddress();
      claimed.addAddresses(
          org.holdfast.proto.agent.v1.InterfaceAddress.newBuilder()
              .setAddress(ByteString.copyFrom(bytes))
              .setPrefixLength(24));
    }
    return claimed.build();
  }
}
