package org.holdfast.agent.discovery;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.holdfast.linux.NetlinkMessage;
import org.holdfast.netlink.NetlinkAttributes;
import org.holdfast.netlink.NetlinkException;
import org.holdfast.netlink.NetlinkPayload;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpState;

/** The messages of sock_diag for TCP (include/uapi/linux/inet_diag.h). Bytes only, no kernel. */
final class InetDiagMessages {
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;

  static final int SOCK_DIAG_BY_FAMILY = 20;

  private static final int IPPROTO_TCP = 6;
  private static final int SOCKET_ID_BYTES = 48;
  private static final int FIXED_BYTES = 72;

  /** Keys and upper layers are told only to who asks for this too (net/ipv4/inet_diag.c). */
  private static final int INET_DIAG_INFO = 2;

  private static final int INET_DIAG_MD5SIG = 18;
  private static final int INET_DIAG_ULP_INFO = 19;
  private static final int INET_ULP_INFO_NAME = 1;

  /** Linux's number of a handshake that has no socket of its own yet. */
  private static final int TCP_NEW_SYN_RECV = 12;

  /** Every state but CLOSE and LISTEN. */
  private static final int CONNECTION_STATES =
      0x1fff & ~1 & ~(1 << TcpState.CLOSE.number()) & ~(1 << TcpState.LISTEN.number());

  private InetDiagMessages() {}

  /** Asks for all connections of one address family. */
  static ByteBuffer dumpPayload(int family) {
    return new NetlinkPayload()
        .number8(family)
        .number8(IPPROTO_TCP)
        .number8(1 << (INET_DIAG_INFO - 1))
        .number8(0)
        .number32(CONNECTION_STATES)
        .zeros(SOCKET_ID_BYTES)
        .build();
  }

  /**
   * Reads one {@code struct inet_diag_msg} and its attributes.
   *
   * @throws NetlinkException if it is too short or names a state or family that does not exist
   */
  static SocketDiagnosis parse(NetlinkMessage message) {
    ByteBuffer fixed = message.payload();
    if (fixed.limit() < FIXED_BYTES) {
      throw new NetlinkException(
          "a socket of " + fixed.limit() + " bytes", "expected at least " + FIXED_BYTES);
    }
    int family = fixed.get(0);
    byte[] local = address(fixed, family, 8);
    byte[] peer = address(fixed, family, 24);
    int scope = fixed.getInt(40);
    NetlinkAttributes attributes = NetlinkAttributes.after(fixed, FIXED_BYTES);
    return new SocketDiagnosis(
        familyOf(local),
        endpoint(local, fixed, 4, scope),
        endpoint(peer, fixed, 6, scope),
        state(fixed.get(1)),
        Integer.toUnsignedLong(fixed.getInt(68)),
        fixed.getInt(56),
        fixed.getInt(60),
        fixed.getInt(64),
        attributes.nested(INET_DIAG_ULP_INFO).text(INET_ULP_INFO_NAME),
        attributes.has(INET_DIAG_MD5SIG));
  }

  private static TcpState state(int number) {
    if (number == TCP_NEW_SYN_RECV) {
      return TcpState.SYN_RECV;
    }
    try {
      return TcpState.of(number);
    } catch (IllegalArgumentException unknown) {
      throw new NetlinkException("a socket in state " + number, "there is no such state");
    }
  }

  private static byte[] address(ByteBuffer fixed, int family, int at) {
    byte[] bytes =
        new byte
            [switch (family) {
              case AF_INET -> 4;
              case AF_INET6 -> 16;
              default ->
                  throw new NetlinkException("a socket of family " + family, "not asked for");
            }];
    fixed.get(at, bytes);
    return bytes;
  }

  private static SocketFamily familyOf(byte[] address) {
    if (address.length == 4) {
      return SocketFamily.IPV4;
    }
    boolean mapped =
        Arrays.equals(address, 0, 10, new byte[10], 0, 10)
            && address[10] == -1
            && address[11] == -1;
    return mapped ? SocketFamily.IPV4_MAPPED : SocketFamily.IPV6;
  }

  private static InetSocketAddress endpoint(
      byte[] address, ByteBuffer fixed, int portAt, int scope) {
    // Ports stand in network order whatever the machine's.
    int port = (fixed.get(portAt) & 0xff) << 8 | (fixed.get(portAt + 1) & 0xff);
    try {
      InetAddress plain = InetAddress.getByAddress(address);
      boolean scoped = plain instanceof Inet6Address && plain.isLinkLocalAddress() && scope > 0;
      return new InetSocketAddress(
          scoped ? Inet6Address.getByAddress(null, address, scope) : plain, port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 and 16 bytes are always an address", e);
    }
  }
}
