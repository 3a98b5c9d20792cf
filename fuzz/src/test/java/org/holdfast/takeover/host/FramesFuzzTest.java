package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import org.holdfast.takeover.ParkedFrame;
import org.holdfast.wire.MacAddress;

/** Ethernet frames that come for a VM, from whoever can reach its bridge. */
final class FramesFuzzTest {
  private static final MacAddress VM = MacAddress.of("52:54:00:aa:bb:cc");
  private static final int MOST_FRAMES = 4;
  private static final int MOST_BYTES = 256;

  @FuzzTest
  void everyFrameIsASegmentOrSomethingElse(byte[] frame) {
    TcpFrame.parse(new ParkedFrame(VM, frame))
        .ifPresent(segment -> assertThat(segment.flags()).isBetween(0, 0xff));
    AddressAnswer.parse(frame);
  }

  @FuzzTest
  void whatIsKeptStaysWithinItsBounds(FuzzedDataProvider data) {
    KeptFrames kept = new KeptFrames(MOST_FRAMES, MOST_BYTES);
    while (data.remainingBytes() > 0) {
      kept.add(new ParkedFrame(VM, data.consumeBytes(data.consumeInt(0, 128))));
    }
    long[] passed = new long[2];
    kept.passOn(
        frame -> {
          passed[0]++;
          passed[1] += frame.frame().length;
        });
    assertThat(passed[0]).isLessThanOrEqualTo(MOST_FRAMES);
    assertThat(passed[1]).isLessThanOrEqualTo(MOST_BYTES);
  }
}
