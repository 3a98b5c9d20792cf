package org.holdfast.lab.wire;

import java.util.Arrays;

/**
 * One frame of a capture.
 *
 * @param timeNanos when it was seen, ns since 1970; all machines of the lab share one clock
 * @param interfaceIndex on which interface; 0 where the capture is of a single one
 * @param direction which way it went there
 * @param sourceMac the sender's MAC, lower-case with colons
 * @param etherType of the payload: 0x0800 IPv4, 0x86dd IPv6, 0x0806 ARP
 * @param packet the payload, as much of it as was captured
 */
public record CapturedFrame(
    long timeNanos,
    int interfaceIndex,
    Direction direction,
    String sourceMac,
    int etherType,
    byte[] packet) {

  /** Which way a frame went at the interface. */
  public enum Direction {
    /** It came from the other end of the interface. */
    IN,
    /** This machine sent it. */
    OUT,
    /** The capture does not say. */
    UNKNOWN
  }

  /** Whether two captured frames carry the same bytes. */
  boolean hasSameContent(CapturedFrame other) {
    return etherType == other.etherType
        && sourceMac.equals(other.sourceMac)
        && Arrays.equals(packet, other.packet);
  }
}
