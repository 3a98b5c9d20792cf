package org.holdfast.linux;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** struct sockaddr_in and sockaddr_in6, to and from Java's addresses. */
final class SocketAddresses {
  /** sizeof(struct sockaddr_in6). */
  static final int MAXIMUM_BYTES = 28;

  private static final int INET_BYTES = 16;

  private SocketAddresses() {}

  /** Reads an address; an IPv4-mapped one becomes IPv4, as everywhere in Java. */
  static InetSocketAddress read(ByteBuffer memory, int offset) {
    int port = (memory.get(offset + 2) & 0xFF) << 8 | memory.get(offset + 3) & 0xFF;
    boolean inet6 = memory.getShort(offset) == LinuxConstants.AF_INET6;
    byte[] bytes = new byte[inet6 ? 16 : 4];
    memory.get(offset + (inet6 ? 8 : 4), bytes);
    try {
      InetAddress address = InetAddress.getByAddress(bytes);
      int scope = inet6 ? memory.getInt(offset + 24) : 0;
      if (scope != 0 && address instanceof Inet6Address) {
        address = Inet6Address.getByAddress(null, bytes, scope);
      }
      return new InetSocketAddress(address, port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
    }
  }

  /**
   * Writes an address for a socket of family AF_INET6 ({@code inet6}; IPv4 becomes IPv4-mapped) or
   * AF_INET.
   *
   * @return length of what was written
   */
  static int write(ByteBuffer memory, int offset, InetSocketAddress endpoint, boolean inet6) {
    InetAddress address = endpoint.getAddress();
    byte[] bytes = address.getAddress();
    memory.putShort(offset, (short) (inet6 ? LinuxConstants.AF_INET6 : LinuxConstants.AF_INET));
    memory.put(offset + 2, (byte) (endpoint.getPort() >>> 8));
    memory.put(offset + 3, (byte) endpoint.getPort());
    if (!inet6) {
      if (!(address instanceof Inet4Address)) {
        throw new IllegalArgumentException(endpoint + " on an IPv4 socket");
      }
      memory.put(offset + 4, bytes).putLong(offset + 8, 0);
      return INET_BYTES;
    }
    memory.putInt(offset + 4, 0);
    int scope = 0;
    if (address instanceof Inet6Address ipv6) {
      memory.put(offset + 8, bytes);
      scope = ipv6.getScopeId();
    } else {
      memory.putLong(offset + 8, 0).putShort(offset + 16, (short) 0);
      memory.putShort(offset + 18, (short) -1).put(offset + 20, bytes);
    }
    memory.putInt(offset + 24, scope);
    return MAXIMUM_BYTES;
  }
}
