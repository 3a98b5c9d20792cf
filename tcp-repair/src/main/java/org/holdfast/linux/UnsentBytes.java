package org.holdfast.linux;

import static org.holdfast.linux.LinuxConstants.SO_SNDBUF;
import static org.holdfast.linux.LinuxConstants.SO_SNDBUFFORCE;
import static org.holdfast.linux.LinuxConstants.TCP_NOTSENT_LOWAT;

import java.nio.ByteBuffer;
import org.holdfast.linux.TcpCalls.Sending;
import org.holdfast.tcp.TcpRepairException;

/** Bytes that an application has written and that were never sent, on their way into a socket. */
final class UnsentBytes {
  private static final int ATTEMPTS = 4;

  private UnsentBytes() {}

  /**
   * Never waits: where the send buffer is too small it is made larger.
   *
   * @param unsent position to limit; the position moves
   * @return ALL_TAKEN, or ENDED if there is nobody left to send it to
   * @throws TcpRepairException if the kernel has no memory for them
   */
  static Sending send(int descriptor, ByteBuffer unsent) {
    TcpCalls calls = TcpCalls.ofThread();
    Sending sending = calls.sendWhatFits(descriptor, unsent);
    if (sending != Sending.FULL) {
      return sending;
    }
    // The application may have bounded what waits unsent; that bound is for its own writing.
    int lowWater = calls.getTcp(descriptor, TCP_NOTSENT_LOWAT);
    calls.setTcp(descriptor, TCP_NOTSENT_LOWAT, Integer.MAX_VALUE);
    try {
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        int buffer = calls.getSocket(descriptor, SO_SNDBUF);
        calls.setSocket(descriptor, SO_SNDBUFFORCE, Math.min(buffer, Integer.MAX_VALUE / 2));
        sending = calls.sendWhatFits(descriptor, unsent);
        if (sending != Sending.FULL) {
          return sending;
        }
      }
    } finally {
      calls.setTcp(descriptor, TCP_NOTSENT_LOWAT, lowWater);
    }
    throw new TcpRepairException(
        "send",
        Errno.ENOMEM,
        unsent.remaining()
            + " unsent bytes did not fit into the send buffer: the kernel's memory for TCP"
            + " (net.ipv4.tcp_mem) is exhausted");
  }
}
