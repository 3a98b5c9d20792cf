package org.holdfast.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class LabNetworkTest {
  private static final LabNetwork NETWORK =
      new LabNetwork(
          List.of(
              new LabNetwork.Segment("a", "9f31c2", "172.18.0.0/16", "fd00:1:2:3"),
              new LabNetwork.Segment("b", "07aa11", "192.168.16.0/20", "fd00:1:2:4")));

  @Test
  void vmAddressesLieInTheUpperHalfOfTheSubnet() {
    List<VmInterface> interfaces = NETWORK.vmInterfaces(3, 2);

    assertThat(interfaces)
        .containsExactly(
            new VmInterface(
                "br0", "52:54:00:03:9f:31", "172.18.128.3", 16, "172.18.0.1", "fd00:1:2:3::1003"),
            new VmInterface(
                "br1",
                "52:54:00:03:07:aa",
                "192.168.24.3",
                20,
                "192.168.16.1",
                "fd00:1:2:4::1003"));
  }

  @Test
  void subnetsThatAreFullSaySo() {
    Ipv4Subnet small = Ipv4Subnet.parse("10.1.2.16/28");

    assertThat(small.upperHalf(6)).isEqualTo("10.1.2.30");
    assertThatThrownBy(() -> small.upperHalf(7)).isInstanceOf(LabException.class);
  }

  @Test
  void prefixesOfDifferentNetworksDiffer() {
    String prefix = LabNetwork.uniqueLocalPrefix("one");

    assertThat(prefix).matches("fd[0-9a-f]{2}(:[0-9a-f]{4}){3}");
    assertThat(LabNetwork.uniqueLocalPrefix("other")).isNotEqualTo(prefix);
  }

  @Test
  void namesThatCouldLeaveTheirPlaceAreRefused() {
    for (String name : List.of("", "../x", "a b", "Lab", "-a", "a".repeat(21))) {
      assertThatThrownBy(() -> LabOptions.named(name)).isInstanceOf(LabException.class);
      assertThatThrownBy(() -> VmOptions.named(name)).isInstanceOf(LabException.class);
    }
  }
}
