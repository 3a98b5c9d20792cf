package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import org.holdfast.takeover.HostPort;
import org.holdfast.takeover.InterfaceAddress;
import org.holdfast.takeover.VmInterface;
import org.holdfast.wire.MacAddress;
import org.junit.jupiter.api.Test;

class AnnouncementFramesTest {
  private static final MacAddress MAC = MacAddress.of("52:54:00:12:34:56");

  @Test
  void anIpv4AddressIsAnnouncedAsRequestAndAsReply() {
    List<byte[]> frames = AnnouncementFrames.announcing(with("192.0.2.7"));
    assertThat(frames).hasSize(2);
    assertThat(HexFormat.of().formatHex(frames.get(0)))
        .isEqualTo(
            "ffffffffffff"
                + "525400123456"
                + "0806"
                + "0001080006040001"
                + "525400123456"
                + "c0000207"
                + "000000000000"
                + "c0000207");
    assertThat(AddressAnswer.parse(frames.get(1)))
        .contains(new AddressAnswer(MAC, MAC, TestNetwork.address("192.0.2.7")));
  }

  @Test
  void anIpv6AddressIsAnnouncedToAllNodesWithARightChecksum() {
    List<byte[]> frames = AnnouncementFrames.announcing(with("2001:db8::7"));
    assertThat(frames).hasSize(1);
    byte[] frame = frames.get(0);
    assertThat(AddressAnswer.parse(frame))
        .contains(new AddressAnswer(MAC, MAC, TestNetwork.address("2001:db8::7")));
    assertThat(MacAddress.at(frame, 0)).isEqualTo(MacAddress.of("33:33:00:00:00:01"));
    int sum = 32 + 58;
    for (int i = 22; i < frame.length; i += 2) {
      sum += (frame[i] & 0xff) << 8 | (frame[i + 1] & 0xff);
    }
    assertThat((sum & 0xffff) + (sum >>> 16)).isEqualTo(0xffff);
  }

  @Test
  void anInterfaceWithoutAddressesIsAnnouncedToSwitchesAllTheSame() {
    List<byte[]> frames = AnnouncementFrames.announcing(with());
    assertThat(frames).hasSize(1);
    assertThat(HexFormat.of().formatHex(frames.get(0), 12, 14)).isEqualTo("8035");
    assertThat(AddressAnswer.parse(frames.get(0))).isEmpty();
  }

  private static VmInterface with(String... addresses) {
    return new VmInterface(
        new HostPort(MAC, "br0", "vnet0"),
        1500,
        List.of(addresses).stream()
            .map(address -> new InterfaceAddress(TestNetwork.address(address), 24))
            .toList(),
        List.of(),
        List.of());
  }
}
