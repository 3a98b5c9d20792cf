package org.holdfast.linux;

import org.holdfast.tcp.Restoration;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpState;

/**
 * When a socket began to send again what nobody acknowledged (retrans_stamp of struct tcp_sock).
 *
 * <p>Behind a fence nobody does, and disconnecting a socket leaves that moment in it. Whenever the
 * restored connection has to send something twice again, be it hours later, the kernel would count
 * from there, and give it up at once. An acknowledgement makes it forget (tcp_try_to_open).
 */
final class LossHistory {
  /** Whether a firewall of the thread's namespace swallows what is delivered over lo. */
  private static final ThreadLocal<Boolean> SWALLOWED = ThreadLocal.withInitial(() -> false);

  private LossHistory() {}

  /**
   * To be called before a socket is disconnected that is going to be restored: what it has sent is
   * acknowledged to it, whether it was or not.
   *
   * @param descriptor of the socket, in repair
   * @param own all that is in it
   */
  static void forget(int descriptor, TcpExport own) {
    TcpInfo info = TcpCalls.ofThread().info(descriptor);
    // From CLOSING and LAST_ACK an acknowledgement would lead out of the socket.
    boolean speaks =
        info.state() == TcpState.ESTABLISHED
            || info.state() == TcpState.CLOSE_WAIT
            || info.state() == TcpState.FIN_WAIT1;
    if (!info.recovering() || info.outstanding() == 0 || !speaks || SWALLOWED.get()) {
      return;
    }
    int writeEnd = own.snapshot().sendEnd() + (info.state().finQueued() ? 1 : 0);
    ForgedSegments peer = new ForgedSegments(descriptor, Restoration.ofExport(own));
    SWALLOWED.set(!peer.deliverAcknowledgementOfAll(writeEnd - info.notSentBytes()));
  }
}
