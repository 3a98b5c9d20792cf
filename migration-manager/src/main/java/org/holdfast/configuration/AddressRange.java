package org.holdfast.configuration;

import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.util.Arrays;

/**
 * A range of IP addresses in CIDR notation.
 *
 * @param network all bits beyond the prefix are zero
 * @param prefixLength 0 to 32 or 128
 */
public record AddressRange(InetAddress network, int prefixLength) {

  public AddressRange {
    if (prefixLength < 0 || prefixLength > network.getAddress().length * Byte.SIZE) {
      throw new IllegalArgumentException("a prefix of " + prefixLength + " bits does not exist");
    }
    if (!Arrays.equals(network.getAddress(), masked(network.getAddress(), prefixLength))) {
      throw new IllegalArgumentException(
          network.getHostAddress() + " has bits beyond the prefix of " + prefixLength);
    }
  }

  /**
   * @param text "10.0.0.0/8", "2001:db8::/32", or a lone address
   * @throws IllegalArgumentException it is none of these; names are not resolved
   */
  public static AddressRange parse(String text) {
    int slash = text.indexOf('/');
    InetAddress address = InetAddresses.forString(slash < 0 ? text : text.substring(0, slash));
    int whole = address.getAddress().length * Byte.SIZE;
    return new AddressRange(
        address, slash < 0 ? whole : Integer.parseInt(text.substring(slash + 1)));
  }

  public boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == network.getAddress().length
        && Arrays.equals(network.getAddress(), masked(bytes, prefixLength));
  }

  private static byte[] masked(byte[] address, int prefixLength) {
    byte[] masked = address.clone();
    for (int bit = prefixLength; bit < masked.length * Byte.SIZE; bit++) {
      masked[bit / Byte.SIZE] &= (byte) ~(0x80 >> (bit % Byte.SIZE));
    }
    return masked;
  }

  @Override
  public String toString() {
    return network.getHostAddress() + "/" + prefixLength;
  }
}
