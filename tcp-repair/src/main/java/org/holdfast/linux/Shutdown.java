package org.holdfast.linux;

import org.holdfast.tcp.TcpRepairException;

/** What an application had shut down. */
final class Shutdown {
  private Shutdown() {}

  /**
   * Once more, for a socket that was restored. The peer may end the connection at any moment: what
   * it has ended needs no shutting down.
   */
  static void again(int descriptor, boolean sending, boolean receiving) {
    TcpCalls calls = TcpCalls.ofThread();
    try {
      if (sending) {
        calls.shutdown(descriptor, LinuxConstants.SHUT_WR);
      }
      if (receiving) {
        calls.shutdown(descriptor, LinuxConstants.SHUT_RD);
      }
    } catch (TcpRepairException e) {
      if (e.errno() != Errno.ENOTCONN) {
        throw e;
      }
    }
  }
}
