package org.holdfast.lab;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Objects;

/**
 * An IPv4 network with its prefix.
 *
 * @param network its first address, as a number
 * @param prefixLength bits of the network part, 8 to 28
 */
record Ipv4Subnet(int network, int prefixLength) {

  /** Reads {@code a.b.c.d/n}. */
  static Ipv4Subnet parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw new LabException("not an IPv4 network: " + text);
    }
    int prefixLength = Integer.parseInt(text.substring(slash + 1));
    int address = 0;
    for (String part : text.substring(0, slash).split("\\.", -1)) {
      address = address << 8 | Integer.parseInt(part);
    }
    return new Ipv4Subnet(address & -1 << (32 - prefixLength), prefixLength);
  }

  /** The first address, which docker's bridge on this machine has. */
  String gateway() {
    return text(network + 1);
  }

  /**
   * An address from the upper half, which docker does not hand out while the lower half has room.
   *
   * @param index from 1
   */
  String upperHalf(int index) {
    int half = 1 << (31 - prefixLength);
    if (index < 1 || index >= half - 1) {
      throw new LabException("the lab's network has no address number " + index);
    }
    return text(network + half + index);
  }

  /** As {@code a.b.c.d/n}. */
  @Override
  public String toString() {
    return text(network) + "/" + prefixLength;
  }

  private static String text(int address) {
    byte[] bytes = {
      (byte) (address >>> 24), (byte) (address >>> 16), (byte) (address >>> 8), (byte) address
    };
    try {
      return Objects.requireNonNull(InetAddress.getByAddress(bytes).getHostAddress());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }
}
