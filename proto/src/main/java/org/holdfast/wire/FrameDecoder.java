package org.holdfast.wire;

import java.nio.ByteBuffer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds frames in a stream of bytes that may begin, break and end anywhere. Never throws, never
 * hands out a frame whose CRC is wrong, and finds back by itself:
 *
 * <ul>
 *   <li>A broken frame (magic, length or CRC) costs all that follows it until {@link
 *       FrameCodec#SILENCE}; then a frame begins. Searching for the magic instead would take bytes
 *       of a connection's data for a frame.
 *   <li>Where the rest of a frame is missing for that long and what comes then begins like a frame,
 *       it is one, and the torn one is thrown away. What does not begin like a frame goes on with
 *       the torn one: a sender that only stood still for a while (a starved vCPU) loses nothing,
 *       and the CRC judges.
 * </ul>
 *
 * <p>Silence is the time between the call of {@link #next} that used up its bytes and the next
 * call: the time a caller spends on a frame does not count. For one thread at a time.
 */
public final class FrameDecoder {
  private static final long SILENCE_NANOS = FrameCodec.SILENCE.toNanos();

  private final LongSupplier nanoClock;
  private final ByteBuffer frame =
      ByteBuffer.allocate(FrameCodec.HEADER_BYTES + FrameCodec.MAXIMUM_PAYLOAD_BYTES);

  private boolean waiting;
  private long waitingSince;
  private boolean discarding;
  private boolean handedOut;
  private long brokenFrames;

  /** Measures silence with the system's monotonic clock. */
  public FrameDecoder() {
    this(System::nanoTime);
  }

  /**
   * @param nanoClock monotonic, nanoseconds
   */
  public FrameDecoder(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /**
   * Takes bytes up to the end of the next frame.
   *
   * @param bytes what was read; its position moves past what was used
   * @return the payload, valid until the next call of any method here; null if all bytes are used
   *     and no frame is complete
   */
  public @Nullable ByteBuffer next(ByteBuffer bytes) {
    if (handedOut) {
      frame.clear();
      handedOut = false;
    }
    if (!bytes.hasRemaining()) {
      return null;
    }
    if (waiting && nanoClock.getAsLong() - waitingSince >= SILENCE_NANOS) {
      afterSilence(bytes);
    }
    waiting = false;
    ByteBuffer payload = discarding ? null : assemble(bytes);
    if (payload != null) {
      handedOut = true;
      return payload;
    }
    bytes.position(bytes.limit());
    waiting = true;
    waitingSince = nanoClock.getAsLong();
    return null;
  }

  /** The other side is gone or new: the next byte begins a frame. */
  public void reset() {
    frame.clear();
    handedOut = false;
    discarding = false;
    waiting = false;
  }

  /** How many frames were found broken, torn ones included. */
  public long brokenFrames() {
    return brokenFrames;
  }

  private void afterSilence(ByteBuffer bytes) {
    discarding = false;
    if (frame.position() > 0 && beginsLikeFrame(bytes)) {
      frame.clear();
      brokenFrames++;
    }
  }

  private static boolean beginsLikeFrame(ByteBuffer bytes) {
    int known = Math.min(Integer.BYTES, bytes.remaining());
    for (int i = 0; i < known; i++) {
      if (bytes.get(bytes.position() + i) != (byte) (FrameCodec.MAGIC >>> 24 - 8 * i)) {
        return false;
      }
    }
    return true;
  }

  private @Nullable ByteBuffer assemble(ByteBuffer bytes) {
    if (!fillTo(FrameCodec.HEADER_BYTES, bytes)) {
      return null;
    }
    int length = frame.getInt(4);
    if (frame.getInt(0) != FrameCodec.MAGIC
        || length < 1
        || length > FrameCodec.MAXIMUM_PAYLOAD_BYTES) {
      return discard();
    }
    if (!fillTo(FrameCodec.HEADER_BYTES + length, bytes)) {
      return null;
    }
    ByteBuffer payload = frame.slice(FrameCodec.HEADER_BYTES, length);
    if (FrameCodec.checksum(length, payload) != frame.getInt(8)) {
      return discard();
    }
    return payload.asReadOnlyBuffer();
  }

  private @Nullable ByteBuffer discard() {
    brokenFrames++;
    frame.clear();
    discarding = true;
    return null;
  }

  /** Moves bytes until {@code frame} holds {@code wanted}; says whether it does. */
  private boolean fillTo(int wanted, ByteBuffer bytes) {
    int missing = wanted - frame.position();
    int moved = Math.min(Math.max(missing, 0), bytes.remaining());
    frame.put(frame.position(), bytes, bytes.position(), moved);
    frame.position(frame.position() + moved);
    bytes.position(bytes.position() + moved);
    return frame.position() >= wanted;
  }
}
