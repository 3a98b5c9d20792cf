package org.holdfast.linux;

import com.sun.jna.LastErrorException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.holdfast.tcp.TcpRepairException;

/** Which of its IPv6 addresses the kernel speaks from when nobody says so. */
final class SourceAddress {
  private static final InetAddress ANY = any();

  private SourceAddress() {}

  /** Any IPv6 address, and that port. */
  static InetSocketAddress anyWith(int port) {
    return new InetSocketAddress(ANY, port);
  }

  /** What routing would choose for the socket {@code descriptor} towards {@code peer}. */
  static InetAddress chosenFor(int descriptor, InetSocketAddress peer) {
    TcpCalls calls = TcpCalls.ofThread();
    int probe = open();
    try {
      calls.setSocket(
          probe, LinuxConstants.SO_MARK, calls.getSocket(descriptor, LinuxConstants.SO_MARK));
      int boundTo = calls.getSocketOr(descriptor, LinuxConstants.SO_BINDTOIFINDEX, 0);
      if (boundTo != 0) {
        calls.setSocket(probe, LinuxConstants.SO_BINDTOIFINDEX, boundTo);
      }
      calls.connect(probe, peer, true); // a datagram socket: nothing is sent
      return calls.localAddress(probe).getAddress();
    } finally {
      Descriptors.close(probe);
    }
  }

  private static int open() {
    try {
      return Libc.socket(
          LinuxConstants.AF_INET6, LinuxConstants.SOCK_DGRAM | LinuxConstants.SOCK_CLOEXEC, 0);
    } catch (LastErrorException e) {
      throw new TcpRepairException(
          "open a socket to ask routing", e.getErrorCode(), Refusals.explain(e.getErrorCode()));
    }
  }

  private static InetAddress any() {
    try {
      return InetAddress.getByAddress(new byte[16]);
    } catch (UnknownHostException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
