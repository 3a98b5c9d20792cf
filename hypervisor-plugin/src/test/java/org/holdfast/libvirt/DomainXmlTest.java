package org.holdfast.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DomainXmlTest {

  @Test
  void elementsWithinElementsWithoutEndAreRefused() {
    String deep = "<a>".repeat(50_000) + "</a>".repeat(50_000);
    assertThatThrownBy(() -> DomainXml.parse("<domain><name>" + deep + "</name><uuid/></domain>"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void moreMemoryThanCanBeIsRefused() {
    assertThatThrownBy(
            () ->
                DomainXml.parse(
                    "<domain><name>n</name><uuid>5f0f2d1e-0b51-4f4e-9d0a-2f6a0c1b7e11</uuid>"
                        + "<memory unit='TB'>9999999999999</memory></domain>"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("more memory than can be");
  }

  @Test
  void readsWhatLibvirtSaysOfARunningDomain() throws IOException {
    DomainDescription domain = DomainXml.parse(captured("domain-with-channel.xml"));
    assertThat(domain.name()).isEqualTo("probe");
    assertThat(domain.uuid()).isEqualTo(UUID.fromString("5f0f2d1e-0b51-4f4e-9d0a-2f6a0c1b7e11"));
    assertThat(domain.id()).hasValue(1);
    assertThat(domain.memoryBytes()).isEqualTo(256L << 20);
    assertThat(domain.channelPath())
        .contains(
            Path.of("/var/lib/libvirt/qemu/channel/target/domain-1-probe/org.holdfast.guest.0"));
    assertThat(domain.channel().orElseThrow().openedByGuest()).isFalse();
    assertThat(domain.interfaces()).hasSize(2);

    DomainInterface bridged = domain.interfaces().get(0);
    assertThat(bridged.mac()).hasToString("52:54:00:0a:0b:0c");
    assertThat(bridged.type()).isEqualTo(InterfaceType.BRIDGE);
    assertThat(bridged.bridge()).contains("br0");
    assertThat(bridged.targetDevice()).contains("vnet0");
    assertThat(bridged.linkUp()).isTrue();
    assertThat(bridged.isOnLinuxBridge()).isTrue();

    DomainInterface user = domain.interfaces().get(1);
    assertThat(user.type()).isEqualTo(InterfaceType.USER);
    assertThat(user.bridge()).isEmpty();
    assertThat(user.isOnLinuxBridge()).isFalse();
  }

  @Test
  void aNetworksLiveBridgeIsFound() {
    DomainInterface found =
        networkInterface(
            """
            <interface type='network'>
              <mac address='52:54:00:0a:0b:0c'/>
              <source network='default' portid='f5c8' bridge='virbr0'/>
              <target dev='vnet7'/>
              <filterref filter='clean-traffic'/>
              <mtu size='9000'/>
              <link state='down'/>
            </interface>
            """);
    assertThat(found.type()).isEqualTo(InterfaceType.NETWORK);
    assertThat(found.bridge()).contains("virbr0");
    assertThat(found.filterReference()).contains("clean-traffic");
    assertThat(found.mtu()).hasValue(9000);
    assertThat(found.linkUp()).isFalse();
    assertThat(found.isOnLinuxBridge()).isTrue();
  }

  @Test
  void aNetworkWithoutLiveBridgeIsNotOnOne() {
    DomainInterface found =
        networkInterface(
            """
            <interface type='network'>
              <mac address='52:54:00:0a:0b:0c'/><source network='default'/>
            </interface>
            """);
    assertThat(found.isOnLinuxBridge()).isFalse();
  }

  @Test
  void openVSwitchIsNoLinuxBridge() {
    DomainInterface found =
        networkInterface(
            """
            <interface type='bridge'>
              <mac address='52:54:00:0a:0b:0c'/>
              <source bridge='br-int'/>
              <vlan><tag id='42'/></vlan>
              <virtualport type='openvswitch'/>
            </interface>
            """);
    assertThat(found.type()).isEqualTo(InterfaceType.OPENVSWITCH);
    assertThat(found.vlan()).hasValue(42);
    assertThat(found.isOnLinuxBridge()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "direct,DIRECT",
    "ethernet,ETHERNET",
    "vhostuser,VHOSTUSER",
    "hostdev,HOSTDEV",
    "vdpa,VDPA",
    "mcast,OTHER",
    "something-new,OTHER"
  })
  void otherTypesAreNamed(String type, InterfaceType expected) {
    assertThat(
            networkInterface(
                    "<interface type='" + type + "'><mac address='52:54:00:0a:0b:0c'/></interface>")
                .type())
        .isEqualTo(expected);
  }

  @Test
  void anInactiveDomainHasNeitherIdNorChannelPath() {
    DomainDescription domain =
        DomainXml.parse(
            domain(
                "2",
                "GiB",
                """
                <channel type='unix'>
                  <source mode='bind'/>
                  <target type='virtio' name='org.holdfast.guest.0'/>
                </channel>
                <channel type='unix'>
                  <source mode='bind' path='/other'/>
                  <target type='virtio' name='org.qemu.guest_agent.0'/>
                </channel>
                """));
    assertThat(domain.id()).isEmpty();
    assertThat(domain.channel()).isEmpty();
    assertThat(domain.memoryBytes()).isEqualTo(2L << 30);
  }

  @Test
  void anOpenChannelIsSeen() {
    DomainDescription domain =
        DomainXml.parse(
            domain(
                "1",
                "b",
                """
                <channel type='unix'>
                  <source mode='bind' path='/run/c'/>
                  <target type='virtio' name='org.holdfast.guest.0' state='connected'/>
                </channel>
                """));
    assertThat(domain.channel()).contains(new GuestChannel(Path.of("/run/c"), true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no xml",
        "<network/>",
        "<domain/>",
        "<domain><name>x</name></domain>",
        "<domain><name>x</name><uuid>zz</uuid><memory>1</memory></domain>",
        "<domain><name>x</name><uuid>5f0f2d1e-0b51-4f4e-9d0a-2f6a0c1b7e11</uuid>"
            + "<memory unit='parsec'>1</memory></domain>",
        "<domain><name>x</name>"
      })
  void whatIsNoDomainIsRefused(String xml) {
    assertThatIllegalArgumentException().isThrownBy(() -> DomainXml.parse(xml));
  }

  @Test
  void entitiesAreRefused(@TempDir Path directory) throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), "hunter2");
    String xml =
        "<!DOCTYPE domain [<!ENTITY leak SYSTEM 'file://"
            + secret
            + "'>]><domain><name>&leak;</name></domain>";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DomainXml.parse(xml))
        .withMessageContaining("DOCTYPE")
        .withMessageNotContaining("hunter2");
  }

  private static DomainInterface networkInterface(String xml) {
    return DomainXml.parse(domain("1", "KiB", xml)).interfaces().get(0);
  }

  private static String domain(String memory, String unit, String devices) {
    return "<domain type='qemu'><name>x</name><uuid>5f0f2d1e-0b51-4f4e-9d0a-2f6a0c1b7e11</uuid>"
        + ("<memory unit='" + unit + "'>" + memory + "</memory>")
        + ("<devices>" + devices + "</devices></domain>");
  }

  private static String captured(String name) throws IOException {
    try (InputStream stream =
        Objects.requireNonNull(DomainXmlTest.class.getResourceAsStream(name), name)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
