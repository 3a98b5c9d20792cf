package org.holdfast.takeover;

/**
 * How connections are held.
 *
 * @param bufferBytes each copy's send and receive buffer is forced to at least this
 * @param parkedBytes bound for the frames parked in a blackout, of each interface
 */
public record HoldOptions(int bufferBytes, int parkedBytes) {
  private static final int MEBIBYTE = 1 << 20;

  /** 16 MiB for each queue of each copy, 32 MiB of parked frames. */
  public static HoldOptions defaults() {
    return new HoldOptions(16 * MEBIBYTE, 32 * MEBIBYTE);
  }

  public HoldOptions {
    if (bufferBytes < 64 * 1024 || parkedBytes < 64 * 1024) {
      throw new IllegalArgumentException("buffers below 64 KiB hold nothing");
    }
  }
}
