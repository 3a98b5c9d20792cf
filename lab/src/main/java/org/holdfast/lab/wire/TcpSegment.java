package org.holdfast.lab.wire;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The TCP header of a captured frame (RFC 9293, 3.1).
 *
 * @param timeNanos when it was seen, ns since 1970
 * @param sourceMac the sender's MAC
 * @param source the sender
 * @param destination the receiver
 * @param sequence SEG.SEQ, unsigned in 32 bits
 * @param flags the byte with FIN (1), SYN (2), RST (4), PSH (8), ACK (16)
 */
public record TcpSegment(
    long timeNanos,
    String sourceMac,
    InetSocketAddress source,
    InetSocketAddress destination,
    int sequence,
    int flags) {
  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86dd;
  private static final int PROTOCOL_TCP = 6;
  private static final int IPV6_HEADER = 40;
  private static final int FLAGS_OFFSET = 13;
  private static final int NEEDED = 20;
  private static final int FIN = 1;
  private static final int RST = 4;

  /** The segment in a frame; empty if it holds none, or only a later fragment of one. */
  public static Optional<TcpSegment> of(CapturedFrame frame) {
    ByteBuffer packet = ByteBuffer.wrap(frame.packet());
    if (frame.etherType() == IPV4 && packet.limit() >= NEEDED) {
      boolean first = (packet.getShort(6) & 0x1fff) == 0;
      return packet.get(9) == PROTOCOL_TCP && first
          ? parse(frame, packet, 12, 4, (packet.get(0) & 0xf) * 4)
          : Optional.empty();
    }
    if (frame.etherType() == IPV6 && packet.limit() >= IPV6_HEADER) {
      return packet.get(6) == PROTOCOL_TCP
          ? parse(frame, packet, 8, 16, IPV6_HEADER)
          : Optional.empty();
    }
    return Optional.empty();
  }

  private static Optional<TcpSegment> parse(
      CapturedFrame frame, ByteBuffer packet, int addresses, int addressLength, int header) {
    if (packet.limit() < header + NEEDED) {
      return Optional.empty();
    }
    return Optional.of(
        new TcpSegment(
            frame.timeNanos(),
            frame.sourceMac(),
            end(packet, addresses, addressLength, header),
            end(packet, addresses + addressLength, addressLength, header + 2),
            packet.getInt(header + 4),
            packet.get(header + FLAGS_OFFSET)));
  }

  private static InetSocketAddress end(ByteBuffer packet, int offset, int length, int port) {
    byte[] address = new byte[length];
    packet.get(offset, address);
    try {
      return new InetSocketAddress(
          InetAddress.getByAddress(address), Short.toUnsignedInt(packet.getShort(port)));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 bytes are an address", e);
    }
  }

  /** Whether it resets the connection. */
  public boolean isReset() {
    return (flags & RST) != 0;
  }

  /** Whether it ends the sender's direction. */
  public boolean isFinish() {
    return (flags & FIN) != 0;
  }
}
