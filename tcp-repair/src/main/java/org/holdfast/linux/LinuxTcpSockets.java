package org.holdfast.linux;

import com.sun.jna.LastErrorException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpRepairException;
import org.holdfast.tcp.TcpSnapshot;

/** Makes {@link RepairSocket}s of descriptors and from nothing. */
public final class LinuxTcpSockets {

  /**
   * A connected socket, e.g. one duplicated from its owner by {@link PidDescriptors}. The
   * descriptor belongs to the answer now, which closes it.
   *
   * @throws TcpRepairException if it is not a connected TCP socket
   */
  public RepairSocket adopt(int descriptor) {
    TcpCalls calls = TcpCalls.ofThread();
    InetSocketAddress local = calls.localAddress(descriptor);
    boolean inet6 = calls.lastAddressWasInet6();
    InetSocketAddress peer = calls.peerAddress(descriptor);
    calls.info(descriptor); // refuses what is not TCP
    return new LinuxRepairSocket(
        descriptor, inet6, new TcpExporter.Identity(family(local, inet6), local, peer));
  }

  /**
   * A copy that another process has made and somebody has kept open since.
   *
   * @param descriptor belongs to the answer now, which closes it
   * @param original what it was recreated from
   * @throws TcpRepairException if it is no TCP socket
   */
  public RepairSocket adoptCopy(int descriptor, TcpSnapshot original) {
    return LinuxRepairSocket.goingOn(descriptor, original);
  }

  /**
   * A fresh socket in the calling thread's network namespace, for {@link RepairSocket#recreate}.
   * IPv4-mapped connections get an IPv4 socket: on the wire they are the same, and it works where
   * IPv6 is disabled.
   */
  public RepairSocket create(SocketFamily family) {
    boolean inet6 = family == SocketFamily.IPV6;
    try {
      int descriptor =
          Libc.socket(
              inet6 ? LinuxConstants.AF_INET6 : LinuxConstants.AF_INET,
              LinuxConstants.SOCK_STREAM | LinuxConstants.SOCK_CLOEXEC,
              LinuxConstants.IPPROTO_TCP);
      // There may be thousands.
      return new LinuxRepairSocket(Descriptors.moveUp(descriptor), inet6);
    } catch (LastErrorException e) {
      throw new TcpRepairException(
          "create a TCP socket", e.getErrorCode(), Refusals.explain(e.getErrorCode()));
    }
  }

  /**
   * Drops the memory that the calling thread reads queues into: it is as large as the longest queue
   * was. What was exported stays readable.
   */
  public static void forgetMemory() {
    LinuxRepairSocket.forgetMemory();
  }

  private static SocketFamily family(InetSocketAddress local, boolean inet6) {
    if (!inet6) {
      return SocketFamily.IPV4;
    }
    // Java shows an IPv4-mapped address as IPv4.
    boolean mapped = local.getAddress() instanceof Inet4Address;
    return mapped ? SocketFamily.IPV4_MAPPED : SocketFamily.IPV6;
  }
}
