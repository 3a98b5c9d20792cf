package org.holdfast.takeover;

/**
 * How many frames were passed on.
 *
 * @param frames passed on
 * @param bytes in them
 * @param lost did not fit into the bounds, or were refused by the port
 */
public record FrameCount(long frames, long bytes, long lost) {
  /** None at all. */
  public static final FrameCount NONE = new FrameCount(0, 0, 0);

  /** Both together. */
  public FrameCount plus(FrameCount other) {
    return new FrameCount(frames + other.frames, bytes + other.bytes, lost + other.lost);
  }
}
