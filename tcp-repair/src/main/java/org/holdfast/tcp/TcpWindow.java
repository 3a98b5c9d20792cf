package org.holdfast.tcp;

/**
 * The kernel's {@code struct tcp_repair_window} (include/uapi/linux/tcp.h): five 32-bit numbers.
 *
 * @param sendWl1 sequence number of the segment that last updated the send window
 * @param sendWindow what the peer lets this side send, bytes
 * @param maxWindow the largest of those yet
 * @param receiveWindow what this side has promised to take from {@code receiveWindowUpdate} on
 * @param receiveWindowUpdate RCV.NXT when that promise was made
 */
public record TcpWindow(
    int sendWl1, int sendWindow, int maxWindow, int receiveWindow, int receiveWindowUpdate) {

  /** The sequence number up to which the peer may send: it must never move back. */
  public int rightEdge() {
    return receiveWindowUpdate + receiveWindow;
  }

  /**
   * The same promise in numbers the kernel accepts for a socket whose RCV.NXT is {@code receiveEnd}
   * (do_tcp_setsockopt, tcp_repair_set_window): numbers that count a FIN are too high for a socket
   * that is yet to receive it.
   *
   * @param finFollows whether there must be room for a FIN
   */
  public TcpWindow fittedTo(int receiveEnd, boolean finFollows) {
    int edge = finFollows ? SequenceNumber.later(rightEdge(), receiveEnd + 1) : rightEdge();
    int update =
        SequenceNumber.isBefore(receiveEnd, receiveWindowUpdate) ? receiveEnd : receiveWindowUpdate;
    int wl1 = SequenceNumber.isBefore(receiveEnd, sendWl1) ? receiveEnd : sendWl1;
    int max = Integer.compareUnsigned(maxWindow, sendWindow) < 0 ? sendWindow : maxWindow;
    return new TcpWindow(wl1, sendWindow, max, edge - update, update);
  }
}
