package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.holdfast.linux.Nftables;
import org.holdfast.takeover.HostPort;
import org.holdfast.takeover.InterfaceAddress;
import org.holdfast.takeover.ProbedAddress;
import org.holdfast.takeover.ProbedAddress.Finding;
import org.holdfast.takeover.VmInterface;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("kernel")
@Timeout(60)
class LinkProbeTest {
  private static final Duration BOUND = Duration.ofMillis(100);

  @Test
  void tellsWhoseAnAddressIs() {
    try (TestNetwork network = new TestNetwork(2);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace())) {
      List<ProbedAddress> probed =
          host.probe(
              List.of(
                  claiming(
                      0,
                      "10.77.0.1",
                      "fd77:0::1",
                      "10.77.0.50",
                      "fd77:0::50",
                      "10.77.0.99",
                      "fd77:0::99",
                      "224.0.0.1"),
                  claiming(1, "10.77.1.1", "fd77:1::1")),
              BOUND);
      assertThat(probed.stream().map(ProbedAddress::finding))
          .containsExactly(
              Finding.OWN,
              Finding.OWN,
              Finding.SOMEONE_ELSES,
              Finding.SOMEONE_ELSES,
              Finding.SILENT,
              Finding.SILENT,
              Finding.NOT_ASKABLE,
              Finding.OWN,
              Finding.OWN);
    }
  }

  @Test
  void anAddressThatTwoAnswerForIsNotTheVms() {
    try (TestNetwork network = new TestNetwork(1);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace())) {
      network
          .peer()
          .call(
              () ->
                  TestNetwork.run(
                      new IpBatch()
                          .add("address add 10.77.0.1/24 dev eth0")
                          .add("address add fd77:0::1/64 dev eth0 nodad")));
      assertThat(host.probe(network.vmInterfaces(), BOUND).stream().map(ProbedAddress::finding))
          .containsExactly(Finding.SOMEONE_ELSES, Finding.SOMEONE_ELSES);
    }
  }

  @Test
  void aVmThatAnswersWithAnotherMacThanItsOwnOwnsNothing() {
    try (TestNetwork network = new TestNetwork(1);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace())) {
      network
          .guest()
          .call(
              () -> TestNetwork.run(new IpBatch().add("link set eth0 address 52:54:00:99:00:03")));
      assertThat(host.probe(network.vmInterfaces(), BOUND)).noneMatch(ProbedAddress::isOwn);
    }
  }

  /** As libvirt's clean-traffic does: else a guest would get from the host what it is denied. */
  @Test
  void whatAFilterOfTheTapStopsTheHostDoesNotSayEither() {
    try (TestNetwork network = new TestNetwork(1);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace())) {
      try (Nftables filter = network.host().call(Nftables::new)) {
        network
            .host()
            .call(
                () ->
                    filter.run(
                        """
                        table bridge no_arp_spoofing {
                          chain prerouting {
                            type filter hook prerouting priority -300
                            iifname "vnet0" arp saddr ip 10.77.0.1 drop
                          }
                        }
                        """));
        assertThat(host.probe(network.vmInterfaces(), BOUND).stream().map(ProbedAddress::finding))
            .containsExactly(Finding.SILENT, Finding.OWN);
      }
    }
  }

  private static VmInterface claiming(int i, String... addresses) {
    return new VmInterface(
        new HostPort(TestNetwork.mac(i), "br" + i, "vnet" + i),
        1500,
        List.of(addresses).stream()
            .map(address -> new InterfaceAddress(TestNetwork.address(address), 24))
            .toList(),
        List.of(),
        List.of());
  }
}
