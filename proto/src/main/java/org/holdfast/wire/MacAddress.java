package org.holdfast.wire;

import com.google.protobuf.ByteString;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * An Ethernet address (IEEE 802 EUI-48).
 *
 * @param bits the 48 bits, the first octet highest
 */
public record MacAddress(long bits) {
  /** Length on the wire, bytes. */
  public static final int BYTES = 6;

  private static final Pattern TEXT = Pattern.compile("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}");
  private static final HexFormat COLONS = HexFormat.ofDelimiter(":");

  /**
   * @throws IllegalArgumentException for more than 48 bits
   */
  public MacAddress {
    if (bits >>> 48 != 0) {
      throw new IllegalArgumentException("an Ethernet address has 48 bits: " + bits);
    }
  }

  /**
   * Reads six octets.
   *
   * @throws IllegalArgumentException for any other number of them
   */
  public static MacAddress of(byte[] octets) {
    if (octets.length != BYTES) {
      throw new IllegalArgumentException(
          "an Ethernet address has " + BYTES + " octets, not " + octets.length);
    }
    long bits = 0;
    for (byte octet : octets) {
      bits = bits << 8 | (octet & 0xff);
    }
    return new MacAddress(bits);
  }

  /**
   * Reads the six octets of a frame that begin at {@code offset}.
   *
   * @throws IndexOutOfBoundsException if the frame is shorter
   */
  public static MacAddress at(byte[] frame, int offset) {
    long bits = 0;
    for (int i = 0; i < BYTES; i++) {
      bits = bits << 8 | (frame[offset + i] & 0xff);
    }
    return new MacAddress(bits);
  }

  /**
   * Reads "52:54:00:12:34:56".
   *
   * @throws IllegalArgumentException for other text
   */
  public static MacAddress of(String text) {
    if (!TEXT.matcher(text).matches()) {
      throw new IllegalArgumentException("not an Ethernet address: " + text);
    }
    return of(COLONS.parseHex(text.toLowerCase(Locale.ROOT)));
  }

  /**
   * Reads a field of a message.
   *
   * @param field the field's path, for the exception
   * @throws WireFormatException if it has not six bytes
   */
  public static MacAddress of(ByteString octets, String field) throws WireFormatException {
    if (octets.size() != BYTES) {
      throw new WireFormatException(
          WireFormatException.Code.BAD_ADDRESS,
          field,
          "an Ethernet address has " + BYTES + " octets, not " + octets.size());
    }
    return of(octets.toByteArray());
  }

  /** The six octets. */
  public byte[] octets() {
    byte[] octets = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      octets[i] = (byte) (bits >>> 8 * (BYTES - 1 - i));
    }
    return octets;
  }

  /** The six octets as a field of a message. */
  public ByteString toByteString() {
    return ByteString.copyFrom(octets());
  }

  /** Whether the address names a group of stations, and so cannot be an interface's own. */
  public boolean isGroup() {
    return (bits >>> 40 & 1) != 0;
  }

  /** "52:54:00:12:34:56". */
  @Override
  public String toString() {
    return COLONS.formatHex(octets());
  }
}
