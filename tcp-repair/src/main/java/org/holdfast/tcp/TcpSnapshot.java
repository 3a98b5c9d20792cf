package org.holdfast.tcp;

import java.net.InetSocketAddress;

/**
 * All that is known of a connection at one moment but for the bytes in its queues.
 *
 * <p>A copy whose connection has ended while it was held is in one of two states: {@code TIME_WAIT}
 * if both sides' FINs were exchanged and acknowledged, {@code CLOSE} with {@code socketError} if it
 * was reset or given up. Both can be conformed to: the original then ends in the same way.
 *
 * @param family of the socket
 * @param local address and port of the exported side
 * @param peer the other side
 * @param state at the moment of the export
 * @param sendEnd sequence number after the last byte of the send queue, unsent bytes included, a
 *     FIN not counted
 * @param receiveEnd RCV.NXT, a FIN not counted
 * @param sendQueueBytes length of the send queue, a FIN not counted
 * @param unsentBytes how many of those were never sent
 * @param receiveQueueBytes received and not read by the application
 * @param options agreed in the SYNs
 * @param timestamp this side's TSval clock, a {@link TimestampClock}
 * @param window send and receive window
 * @param roundTripTime so that a copy need not begin with the initial RTO
 * @param congestionControl name of the algorithm
 * @param noDelay TCP_NODELAY
 * @param keepAlive SO_KEEPALIVE
 * @param userTimeoutMillis TCP_USER_TIMEOUT, 0 if not set
 * @param socketError errno with which the connection ended while it was held (state CLOSE), e.g.
 *     ECONNRESET (104) after the peer's RST; else 0
 */
public record TcpSnapshot(
    SocketFamily family,
    InetSocketAddress local,
    InetSocketAddress peer,
    TcpState state,
    int sendEnd,
    int receiveEnd,
    int sendQueueBytes,
    int unsentBytes,
    int receiveQueueBytes,
    NegotiatedOptions options,
    int timestamp,
    TcpWindow window,
    RoundTripTime roundTripTime,
    String congestionControl,
    boolean noDelay,
    boolean keepAlive,
    int userTimeoutMillis,
    int socketError) {

  /**
   * The same connection if it had ended here.
   *
   * @param receivedBytes how much more had been received before
   * @param error errno with which it ended
   */
  public TcpSnapshot ended(int receivedBytes, int error) {
    return with(TcpState.CLOSE, sendEnd, receiveEnd + receivedBytes, 0, 0, 0, error);
  }

  /** The same connection if its application had not written yet what was never sent. */
  public TcpSnapshot withoutUnsent() {
    return with(
        state,
        sendEnd - unsentBytes,
        receiveEnd,
        sendQueueBytes - unsentBytes,
        0,
        receiveQueueBytes,
        socketError);
  }

  /** The same connection at another moment. */
  private TcpSnapshot with(
      TcpState newState,
      int newSendEnd,
      int newReceiveEnd,
      int newSendQueueBytes,
      int newUnsentBytes,
      int newReceiveQueueBytes,
      int newSocketError) {
    return new TcpSnapshot(
        family,
        local,
        peer,
        newState,
        newSendEnd,
        newReceiveEnd,
        newSendQueueBytes,
        newUnsentBytes,
        newReceiveQueueBytes,
        options,
        timestamp,
        window,
        roundTripTime,
        congestionControl,
        noDelay,
        keepAlive,
        userTimeoutMillis,
        newSocketError);
  }

  /** SND.UNA: sequence number of the first byte the peer has not acknowledged. */
  public int sendUnacknowledged() {
    return sendEnd - sendQueueBytes;
  }

  /** Sequence number of the first byte that the application has not read. */
  public int receiveStart() {
    return receiveEnd - receiveQueueBytes;
  }
}
