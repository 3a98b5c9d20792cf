package org.holdfast.linux;

import com.sun.jna.LastErrorException;

/** How much waits in a TCP socket's queues; works in repair and out of it (tcp(7)). */
public final class SocketQueues {
  private static final ThreadLocal<NativeBuffer> SCRATCH =
      ThreadLocal.withInitial(() -> new NativeBuffer(Integer.BYTES));

  private SocketQueues() {}

  /** Bytes received and not read; the peer's FIN is not counted. */
  public static int unread(int descriptor) {
    return query(descriptor, LinuxConstants.SIOCINQ);
  }

  /** Bytes written and not acknowledged by the peer; this side's FIN is counted as one. */
  public static int unacknowledged(int descriptor) {
    return query(descriptor, LinuxConstants.SIOCOUTQ);
  }

  /** Bytes the peer has acknowledged since the socket was made; this side's FIN counts as one. */
  public static long acknowledged(int descriptor) {
    return TcpCalls.ofThread().info(descriptor).bytesAcknowledged();
  }

  private static int query(int descriptor, long request) {
    NativeBuffer answer = SCRATCH.get();
    try {
      Libc.ioctl(descriptor, request, answer.address());
    } catch (LastErrorException e) {
      throw new KernelException("ask for the length of a queue", e);
    }
    return answer.buffer().getInt(0);
  }
}
