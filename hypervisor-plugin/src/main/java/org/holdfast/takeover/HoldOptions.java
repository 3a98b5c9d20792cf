package org.holdfast.takeover;

import org.holdfast.takeover.spool.SpoolBounds;

/**
 * How connections are held.
 *
 * @param bufferBytes each copy's send and receive buffer in the kernel is forced to at least this
 * @param parkedBytes bound for the frames parked in a blackout, of each interface
 * @param keptFrames bound for the frames of no held connection that are kept while the VM is held,
 *     of the whole VM: beyond it the oldest go
 * @param keptBytes bound for the bytes of those frames
 * @param spool where what copies receive goes, so that their windows stay open
 */
public record HoldOptions(
    int bufferBytes, int parkedBytes, int keptFrames, int keptBytes, SpoolBounds spool) {
  private static final int MEBIBYTE = 1 << 20;
  private static final int KEPT_FRAMES = 16_384;
  private static final int KEPT_BYTES = 16 * MEBIBYTE;

  /** A window that a long path can use; what it lets in does not stay in the kernel. */
  public static final int USUAL_BUFFER_BYTES = 2 * MEBIBYTE;

  /** 2 MiB for each queue of each copy, 32 MiB of parked frames; the rest as below. */
  public static HoldOptions defaults() {
    return new HoldOptions(USUAL_BUFFER_BYTES, 32 * MEBIBYTE, SpoolBounds.defaults());
  }

  /** Of other frames 16 384 are kept, and no more than 16 MiB. */
  public HoldOptions(int bufferBytes, int parkedBytes, SpoolBounds spool) {
    this(bufferBytes, parkedBytes, KEPT_FRAMES, KEPT_BYTES, spool);
  }

  public HoldOptions {
    if (bufferBytes < 64 * 1024 || parkedBytes < 64 * 1024) {
      throw new IllegalArgumentException("buffers below 64 KiB hold nothing");
    }
    if (keptFrames < 1 || keptBytes < 1) {
      throw new IllegalArgumentException("bounds of 0 keep nothing");
    }
  }

  /** The same, with no more bytes spooled for the VM than these. */
  public HoldOptions spoolingAtMost(long bytes) {
    SpoolBounds less =
        new SpoolBounds(
            spool.bytesPerConnection(),
            Math.min(bytes, spool.bytesPerVm()),
            spool.memoryBytesPerVm(),
            spool.host(),
            spool.directory());
    return new HoldOptions(bufferBytes, parkedBytes, keptFrames, keptBytes, less);
  }
}
