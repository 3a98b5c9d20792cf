package org.holdfast.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.holdfast.proto.agent.v1.HostMessage;
import org.holdfast.proto.agent.v1.Ping;
import org.holdfast.proto.connection.v1.QueueChunk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FrameCodecTest {
  private static final long MILLISECOND = 1_000_000;

  private long now;
  private final FrameDecoder decoder = new FrameDecoder(() -> now);

  @Test
  void aFrameSurvivesAnyCutting() throws Exception {
    HostMessage message = chunk(100_000, 1);
    byte[] frame = bytes(message);
    Random random = new Random(7);
    for (int round = 0; round < 50; round++) {
      List<HostMessage> found = new ArrayList<>();
      for (int at = 0; at < frame.length; ) {
        int length = Math.min(1 + random.nextInt(1 + random.nextInt(9000)), frame.length - at);
        found.addAll(feed(ByteBuffer.wrap(frame, at, length)));
        at += length;
      }
      assertThat(found).containsExactly(message);
    }
  }

  @Test
  void severalFramesInOneReadComeOutInOrder() throws Exception {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    FrameCodec.Writer writer = new FrameCodec.Writer(Channels.newChannel(stream));
    List<HostMessage> sent = List.of(ping(1), chunk(5000, 2), ping(3), chunk(1, 4));
    for (HostMessage message : sent) {
      writer.write(message);
    }
    assertThat(feed(ByteBuffer.wrap(stream.toByteArray()))).isEqualTo(sent);
  }

  @Test
  void theLongestPayloadFitsAndOneByteMoreDoesNot() throws Exception {
    int overhead = chunk(FrameCodec.MAXIMUM_PAYLOAD_BYTES, 1).getSerializedSize();
    int longest = 2 * FrameCodec.MAXIMUM_PAYLOAD_BYTES - overhead;
    assertThat(feed(FrameCodec.encode(chunk(longest, 1)))).hasSize(1);
    assertThatThrownBy(() -> FrameCodec.encode(chunk(longest + 1, 1)))
        .isInstanceOfSatisfying(
            WireFormatException.class,
            e -> assertThat(e.code()).isEqualTo(WireFormatException.Code.TOO_LARGE));
  }

  @Test
  void afterABrokenFrameEverythingIsDroppedUntilSilence() throws Exception {
    byte[] broken = bytes(ping(1));
    broken[broken.length - 1] ^= 1;
    assertThat(feed(ByteBuffer.wrap(broken))).isEmpty();
    assertThat(decoder.brokenFrames()).isEqualTo(1);
    for (int i = 0; i < 5; i++) {
      now += 99 * MILLISECOND;
      assertThat(feed(FrameCodec.encode(ping(2)))).isEmpty();
    }
    now += 100 * MILLISECOND;
    assertThat(feed(FrameCodec.encode(ping(3)))).containsExactly(ping(3));
  }

  @Test
  void aTornFrameGivesWayToTheNextOneAfterSilence() throws Exception {
    byte[] torn = bytes(chunk(1000, 1));
    assertThat(feed(ByteBuffer.wrap(torn, 0, 500))).isEmpty();
    now += 100 * MILLISECOND;
    assertThat(feed(FrameCodec.encode(ping(2)))).containsExactly(ping(2));
    assertThat(decoder.brokenFrames()).isEqualTo(1);
  }

  @Test
  void aTornFrameGivesWayEvenIfTheNextComesByteByByte() throws Exception {
    byte[] torn = bytes(chunk(1000, 1));
    assertThat(feed(ByteBuffer.wrap(torn, 0, 500))).isEmpty();
    now += 250 * MILLISECOND;
    List<HostMessage> found = new ArrayList<>();
    for (byte octet : bytes(ping(2))) {
      found.addAll(feed(ByteBuffer.wrap(new byte[] {octet})));
    }
    assertThat(found).containsExactly(ping(2));
  }

  @Test
  void aSenderThatStoodStillInMidFrameLosesNothing() throws Exception {
    byte[] frame = bytes(chunk(1000, 1));
    assertThat(feed(ByteBuffer.wrap(frame, 0, 500))).isEmpty();
    now += 5_000 * MILLISECOND;
    assertThat(feed(ByteBuffer.wrap(frame, 500, frame.length - 500)))
        .containsExactly(chunk(1000, 1));
    assertThat(decoder.brokenFrames()).isZero();
  }

  /** Bytes vanish where a host goes away; only the ends of a long frame are checked. */
  @Test
  void aLongFrameThatLacksBytesAnywhereIsNotHandedOut() throws Exception {
    byte[] frame = bytes(chunk(100_000, 1));
    byte[] next = bytes(chunk(100_000, 2));
    Random random = new Random(3);
    for (int round = 0; round < 200; round++) {
      int lost = 1 + random.nextInt(1 + random.nextInt(60_000));
      int from = FrameCodec.HEADER_BYTES + random.nextInt(frame.length - lost);
      ByteBuffer torn = ByteBuffer.allocate(frame.length - lost + next.length);
      torn.put(frame, 0, Math.min(from, frame.length - lost));
      torn.put(frame, torn.position() + lost, frame.length - lost - torn.position());
      torn.put(next).flip();

      assertThat(feed(torn)).isEmpty();
      decoder.reset();
    }
  }

  @Test
  void aFrameInsideDataIsNotTakenForOne() throws Exception {
    byte[] hidden = bytes(ping(666));
    byte[] carrier =
        bytes(
            HostMessage.newBuilder()
                .setRequest(1)
                .setChunk(
                    QueueChunk.newBuilder()
                        .setData(
                            ByteString.copyFrom(new byte[100]).concat(ByteString.copyFrom(hidden))))
                .build());
    int inData = carrier.length - hidden.length;
    // The beginning was lost with an earlier reader: what comes now begins in mid-frame.
    assertThat(feed(ByteBuffer.wrap(carrier, 20, inData - 20))).isEmpty();
    assertThat(feed(ByteBuffer.wrap(carrier, inData, hidden.length))).isEmpty();
    now += 100 * MILLISECOND;
    assertThat(feed(FrameCodec.encode(ping(2)))).containsExactly(ping(2));
  }

  @Test
  void theTimeACallerSpendsOnAFrameIsNoSilence() throws Exception {
    byte[] broken = bytes(ping(1));
    broken[0] ^= 1;
    feed(ByteBuffer.wrap(broken));
    now += 100 * MILLISECOND;
    ByteBuffer both = ByteBuffer.allocate(200).put(bytes(ping(2))).put(broken).flip();
    assertThat(decoder.next(both)).isNotNull();
    now += 1_000 * MILLISECOND;
    assertThat(feed(both)).isEmpty();
    assertThat(feed(FrameCodec.encode(ping(3)))).isEmpty();
  }

  @Test
  void resetForgetsWhatWasHalfRead() throws Exception {
    feed(ByteBuffer.wrap(bytes(chunk(1000, 1)), 0, 700));
    decoder.reset();
    assertThat(feed(FrameCodec.encode(ping(2)))).containsExactly(ping(2));
    feed(ByteBuffer.wrap(new byte[64]));
    decoder.reset();
    assertThat(feed(FrameCodec.encode(ping(3)))).containsExactly(ping(3));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, FrameCodec.MAXIMUM_PAYLOAD_BYTES + 1, Integer.MIN_VALUE})
  void aLengthOutOfBoundsBreaksTheFrameAtOnce(int length) throws Exception {
    ByteBuffer header =
        ByteBuffer.allocate(12).putInt(FrameCodec.MAGIC).putInt(length).putInt(0).flip();
    assertThat(feed(header)).isEmpty();
    assertThat(decoder.brokenFrames()).isEqualTo(1);
  }

  /** Whatever is done to a frame: only true payloads come out, and 100 ms heal it. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void mutatedStreamsNeverYieldAFalseFrameAndAlwaysHeal(long seed) throws Exception {
    Random random = new Random(seed);
    for (int round = 0; round < 3_000; round++) {
      HostMessage message = chunk(random.nextInt(400), 1 + random.nextInt(1000));
      byte[] original = bytes(message);
      byte[] mutated = mutate(original, random);
      for (int at = 0; at < mutated.length; ) {
        int length = Math.min(1 + random.nextInt(200), mutated.length - at);
        assertThat(feed(ByteBuffer.wrap(mutated, at, length))).allMatch(message::equals);
        at += length;
        now += random.nextInt(120) * MILLISECOND;
      }
      now += 100 * MILLISECOND;
      HostMessage hello = ping(10_000 + round);
      assertThat(feed(FrameCodec.encode(hello))).containsExactly(hello);
    }
  }

  private static byte[] mutate(byte[] original, Random random) {
    byte[] mutated = original.clone();
    switch (random.nextInt(4)) {
      case 0 -> mutated[random.nextInt(mutated.length)] ^= (byte) (1 << random.nextInt(8));
      case 1 -> {
        int at = random.nextInt(mutated.length);
        for (int i = at; i < Math.min(at + 1 + random.nextInt(16), mutated.length); i++) {
          mutated[i] = (byte) random.nextInt();
        }
      }
      case 2 -> mutated = Arrays.copyOf(mutated, random.nextInt(mutated.length));
      default -> {
        int from = random.nextInt(mutated.length);
        mutated = Arrays.copyOfRange(mutated, from, mutated.length);
      }
    }
    return mutated;
  }

  private List<HostMessage> feed(ByteBuffer bytes) throws Exception {
    List<HostMessage> found = new ArrayList<>();
    for (ByteBuffer payload = decoder.next(bytes); payload != null; payload = decoder.next(bytes)) {
      found.add(HostMessage.parseFrom(payload));
    }
    assertThat(bytes.hasRemaining()).isFalse();
    return found;
  }

  private static byte[] bytes(HostMessage message) throws Exception {
    return FrameCodec.encode(message).array();
  }

  private static HostMessage ping(long request) {
    return HostMessage.newBuilder().setRequest(request).setPing(Ping.newBuilder()).build();
  }

  private static HostMessage chunk(int length, long request) {
    byte[] data = new byte[length];
    new Random(request).nextBytes(data);
    return HostMessage.newBuilder()
        .setRequest(request)
        .setChunk(QueueChunk.newBuilder().setData(ByteString.copyFrom(data)))
        .build();
  }
}
