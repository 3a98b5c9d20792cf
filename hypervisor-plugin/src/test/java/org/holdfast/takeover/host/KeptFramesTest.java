package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.takeover.FrameCount;
import org.holdfast.takeover.ParkedFrame;
import org.holdfast.wire.MacAddress;
import org.junit.jupiter.api.Test;

/** What is kept of the frames that belong to no held connection, and what goes. */
class KeptFramesTest {
  private static final MacAddress GUEST = MacAddress.of("52:54:00:00:00:01");
  private static final int SYN = 0x02;
  private static final int ACK = 0x10;
  private static final int WORD_BYTES = 60;

  @Test
  void whatComesFirstGoesFirstWhenThereAreTooMany() {
    KeptFrames kept = new KeptFrames(3, 1000);
    for (int word = 1; word <= 5; word++) {
      kept.add(word(word));
    }
    List<ParkedFrame> passedOn = new ArrayList<>();
    assertThat(kept.passOn(passedOn::add)).isEqualTo(new FrameCount(3, 3 * WORD_BYTES, 2));
    assertThat(passedOn.stream().map(KeptFramesTest::wordOf)).containsExactly(3, 4, 5);
    assertThat(kept.passOn(passedOn::add)).isEqualTo(FrameCount.NONE);
  }

  @Test
  void bytesAreBoundedToo() {
    KeptFrames kept = new KeptFrames(1000, 2 * WORD_BYTES + 1);
    for (int word = 1; word <= 4; word++) {
      kept.add(word(word));
    }
    assertThat(kept.passOn(frame -> {})).isEqualTo(new FrameCount(2, 2 * WORD_BYTES, 2));
  }

  /** Anybody on the VM's network can send one: an IPv4 header that says it has no length. */
  @Test
  void aFrameThatLiesAboutItsHeaderIsKeptAsItIs() {
    byte[] lying = new byte[28];
    lying[12] = 0x08; // IPv4
    lying[14] = 0x40; // version 4, a header of 0 bytes
    lying[23] = 6; // TCP
    KeptFrames kept = new KeptFrames(1000, 1000);
    kept.add(new ParkedFrame(MacAddress.of("52:54:00:00:00:01"), lying));
    assertThat(kept.passOn(frame -> {}).frames()).isEqualTo(1);
  }

  @Test
  void aRepeatedAttemptTakesThePlaceOfTheOneBefore() {
    KeptFrames kept = new KeptFrames(1000, 100_000);
    kept.add(segment(4, 4001, SYN, 1));
    kept.add(segment(6, 4001, SYN, 2));
    kept.add(segment(4, 4002, SYN, 3));
    kept.add(segment(4, 4001, ACK, 4));
    kept.add(segment(4, 4001, SYN, 5));
    kept.add(segment(6, 4001, SYN, 6));
    List<Integer> sequences = new ArrayList<>();
    FrameCount count = kept.passOn(frame -> sequences.add(sequenceOf(frame)));
    assertThat(sequences).containsExactly(5, 6, 3, 4);
    assertThat(count.frames()).isEqualTo(4);
    assertThat(count.lost()).isZero();
  }

  @Test
  void theSameAddressesOnAnotherInterfaceAreAnotherConnection() {
    KeptFrames kept = new KeptFrames(1000, 100_000);
    ParkedFrame attempt = segment(4, 4001, SYN, 1);
    kept.add(attempt);
    kept.add(new ParkedFrame(MacAddress.of("52:54:00:00:00:02"), attempt.frame()));
    assertThat(kept.passOn(frame -> {}).frames()).isEqualTo(2);
  }

  @Test
  void aFrameCutOffAnywhereIsKeptAsItIs() {
    KeptFrames kept = new KeptFrames(1000, 100_000);
    byte[] whole = segment(6, 4001, SYN, 1).frame();
    for (int length = 14; length < whole.length; length++) {
      byte[] part = ByteBuffer.allocate(length).put(whole, 0, length).array();
      kept.add(new ParkedFrame(GUEST, part));
    }
    assertThat(kept.passOn(frame -> {}).frames()).isGreaterThanOrEqualTo(54);
  }

  private static ParkedFrame word(int word) {
    MacAddress peer = MacAddress.of("52:54:00:00:00:99");
    return new ParkedFrame(GUEST, Frames.frame(GUEST, peer, word));
  }

  private static int wordOf(ParkedFrame frame) {
    return ByteBuffer.wrap(frame.frame()).getInt(14);
  }

  private static ParkedFrame segment(int version, int port, int flags, int sequence) {
    boolean ipv4 = version == 4;
    int tcp = ipv4 ? 34 : 54;
    ByteBuffer frame = ByteBuffer.allocate(tcp + 20);
    frame.putShort(12, (short) (ipv4 ? 0x0800 : 0x86dd));
    frame.put(14, (byte) (ipv4 ? 0x45 : 0x60)).put(ipv4 ? 23 : 20, (byte) 6);
    frame.putShort(tcp, (short) port).putShort(tcp + 2, (short) 80).putInt(tcp + 4, sequence);
    frame.put(tcp + 13, (byte) flags);
    return new ParkedFrame(GUEST, frame.array());
  }

  private static int sequenceOf(ParkedFrame frame) {
    ByteBuffer bytes = ByteBuffer.wrap(frame.frame());
    return bytes.getInt(bytes.getShort(12) == 0x0800 ? 38 : 58);
  }
}
