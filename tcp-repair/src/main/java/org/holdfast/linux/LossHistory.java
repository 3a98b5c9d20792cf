package org.holdfast.linux;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.holdfast.tcp.Restoration;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpRepairException;
import org.holdfast.tcp.TcpState;

/**
 * When a socket began to send again what nobody acknowledged (retrans_stamp of struct tcp_sock).
 *
 * <p>Behind a fence nobody does, and disconnecting a socket leaves that moment in it. Whenever the
 * restored connection has to send something twice again, be it hours later, the kernel would count
 * from there, and give it up at once. An acknowledgement makes it forget (tcp_try_to_open).
 */
final class LossHistory {
  /** Where nothing arrives over lo every attempt costs a blackout time. */
  private static final long PAUSE_NANOS = 10_000_000_000L;

  private static final Logger LOGGER = System.getLogger(LossHistory.class.getName());

  /** When nothing has arrived last in the thread's namespace, on the scale of nanoTime. */
  private static final ThreadLocal<Long> FAILED =
      ThreadLocal.withInitial(() -> System.nanoTime() - 2 * PAUSE_NANOS);

  private LossHistory() {}

  /**
   * To be called before a socket is disconnected that is going to be restored: what it has sent is
   * acknowledged to it, whether it was or not. Where that fails, the socket keeps its past.
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
    boolean due = info.recovering() && info.outstanding() > 0 && speaks;
    if (due && System.nanoTime() - FAILED.get() >= PAUSE_NANOS) {
      int writeEnd = own.snapshot().sendEnd() + (info.state().finQueued() ? 1 : 0);
      deliver(descriptor, own, writeEnd - info.notSentBytes());
    }
  }

  private static void deliver(int descriptor, TcpExport own, int next) {
    boolean delivered = false;
    try {
      ForgedSegments peer = new ForgedSegments(descriptor, Restoration.ofExport(own));
      delivered = peer.deliverAcknowledgementOfAll(next);
    } catch (TcpRepairException e) {
      LOGGER.log(Level.DEBUG, "no acknowledgement can be delivered", e);
    }
    if (!delivered) {
      LOGGER.log(Level.WARNING, "a restored socket is told nothing over lo, and is less patient");
      FAILED.set(System.nanoTime());
    }
  }
}
