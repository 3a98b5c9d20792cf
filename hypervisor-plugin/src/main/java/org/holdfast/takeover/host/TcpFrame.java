package org.holdfast.takeover.host;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.holdfast.takeover.ParkedFrame;

/**
 * A TCP segment in an Ethernet frame, as far as parking looks at it.
 *
 * @param connection interface, addresses and ports, to be compared only
 * @param flags of the TCP header
 */
record TcpFrame(ByteBuffer connection, int flags) {
  private static final int ETHERTYPE = 12;
  private static final int ETHERTYPE_VLAN = 0x8100;
  private static final int ETHERTYPE_IPV4 = 0x0800;
  private static final int ETHERTYPE_IPV6 = 0x86dd;
  private static final int VLAN_BYTES = 4;
  private static final int SHORTEST_IPV4_HEADER = 20;
  private static final int TCP = 6;
  private static final int FRAGMENT = 0x3fff;
  private static final int TCP_FLAGS = 13;
  private static final int SYN = 0x02;
  private static final int ACK = 0x10;

  /** Reads a frame; empty if it is anything else, or a fragment. */
  static Optional<TcpFrame> parse(ParkedFrame parked) {
    byte[] frame = parked.frame();
    int type = ETHERTYPE;
    if (unsignedShort(frame, type) == ETHERTYPE_VLAN) {
      type += VLAN_BYTES;
    }
    int header = type + 2;
    return switch (unsignedShort(frame, type)) {
      case ETHERTYPE_IPV4 -> ipv4(parked, header);
      case ETHERTYPE_IPV6 -> ipv6(parked, header);
      default -> Optional.empty();
    };
  }

  private static Optional<TcpFrame> ipv4(ParkedFrame parked, int header) {
    byte[] frame = parked.frame();
    if (unsignedByte(frame, header + 9) != TCP
        || (unsignedShort(frame, header + 6) & FRAGMENT) != 0) {
      return Optional.empty();
    }
    int headerBytes = (unsignedByte(frame, header) & 0xf) * 4;
    if (headerBytes < SHORTEST_IPV4_HEADER) {
      return Optional.empty(); // the kernel drops it; its TCP header would lie over its addresses
    }
    return segment(parked, header + 12, 8, header + headerBytes);
  }

  private static Optional<TcpFrame> ipv6(ParkedFrame parked, int header) {
    return unsignedByte(parked.frame(), header + 6) == TCP
        ? segment(parked, header + 8, 32, header + 40)
        : Optional.empty();
  }

  private static Optional<TcpFrame> segment(
      ParkedFrame parked, int addresses, int addressBytes, int tcp) {
    byte[] frame = parked.frame();
    if (frame.length <= tcp + TCP_FLAGS) {
      return Optional.empty();
    }
    ByteBuffer connection = ByteBuffer.allocate(Long.BYTES + addressBytes + 4);
    connection.putLong(parked.interfaceMac().bits());
    connection.put(frame, addresses, addressBytes).put(frame, tcp, 4);
    return Optional.of(new TcpFrame(connection.flip(), unsignedByte(frame, tcp + TCP_FLAGS)));
  }

  /** Whether a connection begins with it. */
  boolean isAttempt() {
    return (flags & (SYN | ACK)) == SYN;
  }

  /** Whether it belongs to a connection that has begun already. */
  boolean isOfConnection() {
    return (flags & SYN) == 0;
  }

  /** What lies behind the end of a frame reads as 0. */
  private static int unsignedShort(byte[] frame, int offset) {
    return unsignedByte(frame, offset) << 8 | unsignedByte(frame, offset + 1);
  }

  private static int unsignedByte(byte[] frame, int offset) {
    return offset < frame.length ? frame[offset] & 0xff : 0;
  }
}
