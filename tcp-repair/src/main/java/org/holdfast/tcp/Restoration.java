package org.holdfast.tcp;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Everything a socket in CLOSE must be given to become a certain connection. Made by {@link
 * #ofExport} for a copy and by {@link Reconciliation} for the original.
 *
 * <pre>
 *      sendStart                     SND.NXT
 *          |--------- sent ------------|---------- unsent ------| FIN?
 *
 *                                   receiveEnd
 *          |------- receiveQueue -------| FIN?
 * </pre>
 *
 * @param receiveEnd RCV.NXT, a FIN not counted
 * @param receiveQueue not read by the application, in order, position to limit of each
 * @param sendStart SND.UNA
 * @param sent not acknowledged
 * @param unsent goes out on release
 * @param window already fit for the kernel's checks
 * @param ownFin how far this side's FIN has come
 * @param peerFin whether the peer's FIN follows the receive queue
 * @param ownFinFirst whether the FINs crossed: this side's was queued before the peer's came
 * @param reset whether the peer's RST ended it all
 */
public record Restoration(
    SocketFamily family,
    InetSocketAddress local,
    InetSocketAddress peer,
    int receiveEnd,
    List<ByteBuffer> receiveQueue,
    int sendStart,
    ByteBuffer sent,
    ByteBuffer unsent,
    NegotiatedOptions options,
    int timestamp,
    TcpWindow window,
    OwnFin ownFin,
    boolean peerFin,
    boolean ownFinFirst,
    boolean reset) {

  /**
   * What a copy of {@code export} needs. A FIN that may have been sent is given its place, so that
   * the peer's acknowledgement of it is understood; one that waits behind unsent bytes is left to
   * the original.
   *
   * @throws TcpRepairException if the connection has ended or not begun
   */
  public static Restoration ofExport(TcpExport export) {
    TcpSnapshot snapshot = export.snapshot();
    if (!snapshot.state().isManageable()) {
      throw new TcpRepairException(
          "recreate", 0, "a connection in state " + snapshot.state() + " cannot be recreated");
    }
    ByteBuffer queue = export.sendQueue();
    int sentBytes = snapshot.sendQueueBytes() - snapshot.unsentBytes();
    return new Restoration(
        snapshot.family(),
        snapshot.local(),
        snapshot.peer(),
        snapshot.receiveEnd(),
        List.of(export.receiveQueue().duplicate()),
        snapshot.sendUnacknowledged(),
        queue.slice(queue.position(), sentBytes),
        queue.slice(queue.position() + sentBytes, snapshot.unsentBytes()),
        snapshot.options(),
        snapshot.timestamp(),
        snapshot.window().fittedTo(snapshot.receiveEnd(), snapshot.state().finReceived()),
        finOfCopy(snapshot),
        snapshot.state().finReceived(),
        snapshot.state() == TcpState.CLOSING,
        false);
  }

  private static OwnFin finOfCopy(TcpSnapshot snapshot) {
    if (snapshot.state().finAcknowledged()) {
      return OwnFin.ACKNOWLEDGED;
    }
    boolean maybeSent = snapshot.state().finQueued() && snapshot.unsentBytes() == 0;
    return maybeSent ? OwnFin.SENT : OwnFin.NONE;
  }

  /** Length of the receive queue, bytes. */
  public int receiveBytes() {
    return receiveQueue.stream().mapToInt(ByteBuffer::remaining).sum();
  }

  /** Sequence number of the receive queue's first byte. */
  public int receiveStart() {
    return receiveEnd - receiveBytes();
  }

  /** Sequence number after the last byte of the send queue; this side's FIN has it. */
  public int sendEnd() {
    return sendStart + sent.remaining() + unsent.remaining();
  }
}
