package org.holdfast.lab.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.holdfast.lab.wire.CapturedFrame.Direction;
import org.junit.jupiter.api.Test;

class VoiceTest {
  private static final String MAC = "52:54:00:00:00:01";
  private static final int IPV4 = 0x0800;
  private static final int WIRE = 2;
  private static final int GUEST = 5;
  private static final int COPY = 6;

  @Test
  void framesThatWereFencedAreNoVoice() {
    List<CapturedFrame> frames =
        List.of(
            frame(10, GUEST, Direction.IN, 1),
            frame(11, WIRE, Direction.OUT, 1),
            frame(20, COPY, Direction.IN, 2),
            frame(21, WIRE, Direction.OUT, 2),
            frame(30, GUEST, Direction.IN, 3),
            frame(40, COPY, Direction.IN, 4),
            frame(41, WIRE, Direction.OUT, 4));

    assertThat(voices(Map.of("kvm1", frames)))
        .containsExactly(new Voice("kvm1", GUEST, 11, 11, 1), new Voice("kvm1", COPY, 21, 41, 2));
  }

  @Test
  void alternatingVoicesStayApart() {
    List<CapturedFrame> source =
        List.of(frame(10, GUEST, Direction.IN, 1), frame(11, WIRE, Direction.OUT, 1));
    List<CapturedFrame> target =
        List.of(frame(20, GUEST, Direction.IN, 2), frame(21, WIRE, Direction.OUT, 2));
    List<CapturedFrame> again =
        List.of(
            source.get(0),
            source.get(1),
            frame(30, GUEST, Direction.IN, 3),
            frame(31, WIRE, Direction.OUT, 3));

    assertThat(voices(Map.of("kvm1", source, "kvm2", target)))
        .extracting(Voice::host)
        .containsExactly("kvm1", "kvm2");
    assertThat(voices(Map.of("kvm1", again, "kvm2", target)))
        .extracting(Voice::host)
        .containsExactly("kvm1", "kvm2", "kvm1");
  }

  private static List<Voice> voices(Map<String, List<CapturedFrame>> captures) {
    return Voice.of(captures, Map.of("kvm1", WIRE, "kvm2", WIRE), MAC, frame -> true);
  }

  private static CapturedFrame frame(long time, int port, Direction direction, int content) {
    return new CapturedFrame(time, port, direction, MAC, IPV4, new byte[] {(byte) content});
  }
}
