package org.holdfast.takeover;

import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * An Ethernet address.
 *
 * @param value its 48 bits
 */
public record MacAddress(long value) {
  /** Length on the wire, bytes. */
  public static final int BYTES = 6;

  private static final Pattern NOTATION = Pattern.compile("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}");

  public MacAddress {
    if (value < 0 || value >>> 48 != 0) {
      throw new IllegalArgumentException("a MAC address has 48 bits");
    }
  }

  /**
   * Reads the usual notation, {@code 52:54:00:12:34:56}.
   *
   * @throws IllegalArgumentException if {@code notation} is not of that form
   */
  public static MacAddress parse(String notation) {
    if (!NOTATION.matcher(notation).matches()) {
      throw new IllegalArgumentException("not a MAC address: " + notation);
    }
    return of(HexFormat.ofDelimiter(":").parseHex(notation));
  }

  /**
   * The address with these {@value #BYTES} bytes, as they stand on the wire.
   *
   * @throws IllegalArgumentException for another length
   */
  public static MacAddress of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("a MAC address has 6 bytes, not " + bytes.length);
    }
    return at(bytes, 0);
  }

  /** The address that stands in {@code frame} at {@code offset}. */
  public static MacAddress at(byte[] frame, int offset) {
    long value = 0;
    for (int i = 0; i < BYTES; i++) {
      value = value << 8 | (frame[offset + i] & 0xff);
    }
    return new MacAddress(value);
  }

  /** As it stands on the wire. */
  public byte[] toBytes() {
    byte[] bytes = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      bytes[i] = (byte) (value >>> 8 * (BYTES - 1 - i));
    }
    return bytes;
  }

  /** Whether frames to this address go to several stations: multicast or broadcast. */
  public boolean isGroup() {
    return (value >>> 40 & 1) != 0;
  }

  @Override
  public String toString() {
    return HexFormat.ofDelimiter(":").formatHex(toBytes());
  }
}
