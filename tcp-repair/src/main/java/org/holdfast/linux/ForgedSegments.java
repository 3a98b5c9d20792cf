package org.holdfast.linux;

import com.sun.jna.LastErrorException;
import java.lang.ref.Reference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.holdfast.tcp.OwnFin;
import org.holdfast.tcp.Restoration;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpRepairException;
import org.holdfast.tcp.TcpState;

/**
 * Segments in the peer's name that tell a socket what the peer has already said: FIN,
 * acknowledgement, RST. They go through a raw socket to an address of this very namespace, so the
 * kernel routes them over {@code lo}, which must be up: they never leave the machine.
 */
final class ForgedSegments {
  private static final int FIN = 0x01;
  private static final int RST = 0x04;
  private static final int ACK = 0x10;
  private static final int TCP_HEADER_BYTES = 20;
  private static final int HOP_LIMIT = 64;

  /**
   * A segment over loopback is processed before its sending returns, unless the machine is busy.
   */
  private static final long PATIENCE_NANOS = 200_000_000;

  private static final long PAUSE_NANOS = 50_000;

  private final TcpCalls calls = TcpCalls.ofThread();
  private final int descriptor;
  private final Restoration connection;
  private final boolean inet6;

  ForgedSegments(int descriptor, Restoration connection) {
    this.descriptor = descriptor;
    this.connection = connection;
    this.inet6 = connection.family() == SocketFamily.IPV6;
  }

  /** Returns whether the socket has taken the peer's FIN. */
  boolean deliverFin() {
    return deliver(FIN | ACK, connection.receiveEnd());
  }

  /** Returns whether the socket has understood that its own FIN is acknowledged. */
  boolean deliverAcknowledgementOfFin() {
    return deliver(ACK, connection.receiveEnd());
  }

  /**
   * Returns whether the socket has understood that all it has sent is acknowledged. What waited
   * unsent is sent then.
   *
   * @param next SND.NXT
   */
  boolean deliverAcknowledgementOfAll(int next) {
    int sequence = connection.receiveEnd() + (connection.peerFin() ? 1 : 0);
    long before = calls.info(descriptor).bytesAcknowledged();
    return deliver(ACK, sequence, next, info -> info.bytesAcknowledged() != before);
  }

  /** Returns whether the socket has taken the peer's RST. */
  boolean deliverReset() {
    return deliver(RST | ACK, connection.receiveEnd() + (connection.peerFin() ? 1 : 0));
  }

  /** Each of them changes the socket's state; that is how its arrival is known. */
  private boolean deliver(int flags, int sequence) {
    TcpState before = calls.info(descriptor).state();
    int acknowledged =
        connection.ownFin() == OwnFin.ACKNOWLEDGED
            ? connection.sendEnd() + 1
            : connection.sendStart();
    return deliver(flags, sequence, acknowledged, info -> info.state() != before);
  }

  private boolean deliver(
      int flags, int sequence, int acknowledged, Predicate<TcpInfo> hasArrived) {
    if (!send(segment(flags, sequence, acknowledged))) {
      return false;
    }
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!hasArrived.test(calls.info(descriptor))) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return true;
  }

  private ByteBuffer segment(int flags, int sequence, int acknowledged) {
    ByteBuffer packet = ByteBuffer.allocateDirect(64);
    writeNetworkHeader(packet);
    int start = packet.position();
    packet.putShort((short) connection.peer().getPort());
    packet.putShort((short) connection.local().getPort());
    packet.putInt(sequence).putInt(acknowledged);
    packet.put((byte) (TCP_HEADER_BYTES / 4 << 4)).put((byte) flags);
    packet.putShort((short) announcedWindow()).putInt(0);
    packet.putShort(start + 16, (short) checksum(packet, start));
    return packet.flip();
  }

  /** The window that the peer last announced: a forged segment must not change it. */
  private int announcedWindow() {
    int window = connection.window().sendWindow() >>> connection.options().sendWindowScale();
    return window < 0 ? 0xFFFF : Math.min(window, 0xFFFF);
  }

  private void writeNetworkHeader(ByteBuffer packet) {
    byte[] source = connection.peer().getAddress().getAddress();
    byte[] destination = connection.local().getAddress().getAddress();
    if (inet6) {
      packet.putInt(0x60000000).putShort((short) TCP_HEADER_BYTES);
      packet.put((byte) LinuxConstants.IPPROTO_TCP).put((byte) HOP_LIMIT);
    } else {
      // The kernel fills in the header's checksum and identification (raw(7)).
      packet.putShort((short) 0x4500).putShort((short) (20 + TCP_HEADER_BYTES)).putInt(0);
      packet.put((byte) HOP_LIMIT).put((byte) LinuxConstants.IPPROTO_TCP).putShort((short) 0);
    }
    packet.put(source).put(destination);
  }

  /** RFC 9293, 3.1: over the addresses, protocol and length, and the segment. */
  private int checksum(ByteBuffer packet, int start) {
    long sum = LinuxConstants.IPPROTO_TCP + TCP_HEADER_BYTES;
    sum += sumOf(connection.peer().getAddress()) + sumOf(connection.local().getAddress());
    for (int i = start; i < start + TCP_HEADER_BYTES; i += 2) {
      sum += packet.getShort(i) & 0xFFFF;
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xFFFF) + (sum >>> 16);
    }
    return (int) ~sum & 0xFFFF;
  }

  private static long sumOf(InetAddress address) {
    ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
    long sum = 0;
    while (bytes.hasRemaining()) {
      sum += bytes.getShort() & 0xFFFF;
    }
    return sum;
  }

  /** Returns false if the namespace's own firewall says no. */
  private boolean send(ByteBuffer packet) {
    int domain = inet6 ? LinuxConstants.AF_INET6 : LinuxConstants.AF_INET;
    NativeBuffer address = new NativeBuffer(SocketAddresses.MAXIMUM_BYTES);
    // A raw socket takes a protocol where others take a port, and 0 for its own.
    InetSocketAddress local = new InetSocketAddress(connection.local().getAddress(), 0);
    int addressBytes = SocketAddresses.write(address.buffer(), 0, local, inet6);
    int raw = openRaw(domain);
    try {
      // A socket that is bound to an interface listens to no other.
      int boundTo = calls.getSocketOr(descriptor, LinuxConstants.SO_BINDTOIFINDEX, 0);
      if (boundTo != 0) {
        calls.setSocket(raw, LinuxConstants.SO_BINDTOIFINDEX, boundTo);
      }
      Libc.sendto(
          raw,
          NativeBuffer.addressOf(packet, 0),
          packet.remaining(),
          LinuxConstants.MSG_DONTWAIT,
          address.address(),
          addressBytes);
      return true;
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.EPERM) {
        return false;
      } else {
        throw new TcpRepairException(
            "deliver a segment of " + connection.peer() + " over lo",
            e.getErrorCode(),
            Errno.text(e.getErrorCode()) + "; is lo up in this namespace?");
      }
    } finally {
      Descriptors.close(raw);
      address.keep();
      Reference.reachabilityFence(packet);
    }
  }

  private static int openRaw(int domain) {
    try {
      return Libc.socket(
          domain,
          LinuxConstants.SOCK_RAW | LinuxConstants.SOCK_CLOEXEC,
          LinuxConstants.IPPROTO_RAW);
    } catch (LastErrorException e) {
      throw new TcpRepairException(
          "open raw socket",
          e.getErrorCode(),
          "CAP_NET_RAW is needed to deliver what a peer has said");
    }
  }
}
