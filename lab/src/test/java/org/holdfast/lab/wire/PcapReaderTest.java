package org.holdfast.lab.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PcapReaderTest {
  /** Ethernet, IPv4 192.0.2.1:80 to 192.0.2.2:1024, RST and ACK, sequence 0xfffffffe. */
  private static final byte[] RESET =
      HexFormat.of()
          .parseHex(
              "525400000001525400000002"
                  + "0800"
                  + "450000280000400040060000"
                  + "c0000201"
                  + "c0000202"
                  + "00500400"
                  + "fffffffe"
                  + "00000001"
                  + "5014"
                  + "000000000000");

  /** The same to 2001:db8::2 from 2001:db8::1, FIN and ACK, with SLL2 before it. */
  private static final byte[] FINISH =
      HexFormat.of()
          .parseHex(
              "86dd0000"
                  + "00000007"
                  + "0001"
                  + "04"
                  + "06"
                  + "5254000000020000"
                  + "6000000000140640"
                  + "20010db8000000000000000000000001"
                  + "20010db8000000000000000000000002"
                  + "00500400"
                  + "00000005"
                  + "00000001"
                  + "5011"
                  + "000000000000");

  @TempDir private Path directory = Path.of("");

  @Test
  void readsTheTcpHeaderFromEthernet() throws IOException {
    List<CapturedFrame> frames = PcapReader.read(capture(1, RESET));

    assertThat(frames).hasSize(1);
    TcpSegment segment = TcpSegment.of(frames.get(0)).orElseThrow();
    assertThat(segment.timeNanos()).isEqualTo(1_700_000_000_123_456_789L);
    assertThat(segment.sourceMac()).isEqualTo("52:54:00:00:00:02");
    assertThat(segment.source())
        .isEqualTo(new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 80));
    assertThat(segment.sequence()).isEqualTo(-2);
    assertThat(segment.isReset()).isTrue();
    assertThat(segment.isFinish()).isFalse();
  }

  @Test
  void readsInterfaceAndDirectionFromTheAnyInterface() throws IOException {
    CapturedFrame frame = PcapReader.read(capture(276, FINISH)).get(0);

    assertThat(frame.interfaceIndex()).isEqualTo(7);
    assertThat(frame.direction()).isEqualTo(CapturedFrame.Direction.OUT);
    TcpSegment segment = TcpSegment.of(frame).orElseThrow();
    assertThat(segment.isFinish()).isTrue();
    assertThat(segment.destination())
        .isEqualTo(new InetSocketAddress(InetAddress.getByName("2001:db8::2"), 1024));
  }

  @Test
  void leavesOutARecordCutShort() throws IOException {
    Path file = capture(1, RESET, RESET);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 1));

    assertThat(PcapReader.read(file)).hasSize(1);
  }

  @Test
  void refusesWhatItDoesNotKnow() throws IOException {
    Path noCapture = Files.writeString(directory.resolve("text"), "x".repeat(100));
    Path otherLink = capture(113, RESET);

    assertThatThrownBy(() -> PcapReader.read(noCapture)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> PcapReader.read(otherLink))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("113");
  }

  private Path capture(int linkType, byte[]... packets) throws IOException {
    ByteBuffer file = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
    file.putInt(0xa1b23c4d).putShort((short) 2).putShort((short) 4);
    file.putInt(0).putInt(0).putInt(65535).putInt(linkType);
    for (byte[] packet : packets) {
      file.putInt(1_700_000_000).putInt(123_456_789);
      file.putInt(packet.length).putInt(packet.length).put(packet);
    }
    byte[] bytes = new byte[file.position()];
    file.flip().get(bytes);
    return Files.write(directory.resolve("capture.pcap"), bytes);
  }
}
