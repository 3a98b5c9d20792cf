package org.holdfast.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Bytes of the virtio-serial channel, in whatever pieces they come. */
final class FrameDecoderFuzzTest {
  private static final long NO_SILENCE = 0;

  /** However the stream is cut, the same frames are in it, and none is beyond its bound. */
  @FuzzTest
  void aStreamCutAnywhereHasTheSameFrames(FuzzedDataProvider data) {
    int cut = data.consumeInt(1, 64);
    byte[] stream = data.consumeRemainingAsBytes();

    List<ByteString> whole = frames(stream, Math.max(1, stream.length));
    List<ByteString> pieces = frames(stream, cut);

    // A broken frame costs what was read with it: in pieces more may be found, never other things.
    assertThat(pieces).containsAll(whole);
    whole.forEach(frame -> assertThat(frame.size()).isBetween(1, FrameCodec.MAXIMUM_PAYLOAD_BYTES));
  }

  private static List<ByteString> frames(byte[] stream, int cut) {
    FrameDecoder decoder = new FrameDecoder(() -> NO_SILENCE);
    List<ByteString> found = new ArrayList<>();
    for (int at = 0; at < stream.length; at += cut) {
      ByteBuffer piece = ByteBuffer.wrap(stream, at, Math.min(cut, stream.length - at));
      for (@Nullable ByteBuffer payload = decoder.next(piece);
          payload != null;
          payload = decoder.next(piece)) {
        found.add(ByteString.copyFrom(payload));
      }
      assertThat(piece.hasRemaining()).isFalse();
    }
    return found;
  }
}
