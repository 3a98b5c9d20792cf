package org.holdfast.takeover.host;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.holdfast.takeover.InterfaceAddress;

/** The network an address stands in. */
final class Subnet {
  private Subnet() {}

  /**
   * The network in the notation of {@code ip route}, e.g. "10.1.2.0/24".
   *
   * @throws IllegalArgumentException for a prefix longer than the address
   */
  static String of(InetAddress address, int prefixLength) {
    byte[] bytes = address.getAddress();
    if (prefixLength < 0 || prefixLength > bytes.length * 8) {
      throw new IllegalArgumentException("no prefix of " + address + " has " + prefixLength);
    }
    for (int bit = prefixLength; bit < bytes.length * 8; bit++) {
      bytes[bit / 8] &= (byte) ~(0x80 >> bit % 8);
    }
    try {
      return SilenceRules.text(InetAddress.getByAddress(bytes)) + "/" + prefixLength;
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of the same length is legal", e);
    }
  }

  /** Whether nothing but the address itself is on link. */
  static boolean isSingle(InterfaceAddress address) {
    return address.prefixLength() == address.address().getAddress().length * 8;
  }
}
