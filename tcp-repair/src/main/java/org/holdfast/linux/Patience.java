package org.holdfast.linux;

import static org.holdfast.linux.LinuxConstants.TCP_USER_TIMEOUT;

/**
 * A copy is answered in a socket's place. Meanwhile the socket must not give its connection up for
 * want of answers: TCP_USER_TIMEOUT counts for keepalives and retransmissions alike.
 */
final class Patience {
  /** A TCP_USER_TIMEOUT in ms: 24 days. */
  static final int WITHOUT_END = Integer.MAX_VALUE;

  private final int descriptor;
  private boolean begun;
  private int millisBefore;

  Patience(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * From now on it waits without end.
   *
   * @param millis its TCP_USER_TIMEOUT
   */
  void begin(int millis) {
    if (!begun) {
      millisBefore = millis;
      TcpCalls.ofThread().setTcp(descriptor, TCP_USER_TIMEOUT, WITHOUT_END);
      begun = true;
    }
  }

  /**
   * Another process has begun it.
   *
   * @param millis its TCP_USER_TIMEOUT then
   */
  void goOn(int millis) {
    millisBefore = millis;
    begun = true;
  }

  /** As before, unless the application has asked for another patience meanwhile. */
  void end() {
    TcpCalls calls = TcpCalls.ofThread();
    if (begun && calls.getTcp(descriptor, TCP_USER_TIMEOUT) == WITHOUT_END) {
      calls.setTcp(descriptor, TCP_USER_TIMEOUT, millisBefore);
    }
    begun = false;
  }
}
