package org.holdfast.linux;

import static org.holdfast.linux.LinuxConstants.TCP_USER_TIMEOUT;

import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.tcp.TimestampClock;

/**
 * A copy is answered in a socket's place. Meanwhile the socket must not give its connection up for
 * want of answers: TCP_USER_TIMEOUT counts for keepalives and retransmissions alike.
 */
final class Patience {
  /** A TCP_USER_TIMEOUT in ms: 24 days. */
  private static final int WITHOUT_END = Integer.MAX_VALUE;

  /**
   * The same where a connection's clock counts microseconds (tcp_usec_ts, Linux 6.7): the kernel
   * then compares them in 32 bits, half an hour is the most, and more counts as over.
   */
  private static final int WITHOUT_END_IN_MICROSECONDS = Integer.MAX_VALUE / 1000;

  /**
   * So much less says that something of the connection is with its agent alone: whoever goes on
   * after that agent has died must end it.
   */
  private static final int INCOMPLETE = 1;

  private final int descriptor;
  private boolean begun;
  private int millisBefore;

  Patience(int descriptor) {
    this.descriptor = descriptor;
  }

  /** How long a socket for this connection waits at most, in ms. */
  static int longest(TcpSnapshot connection) {
    boolean microseconds =
        connection.options().timestamps()
            && TimestampClock.countsMicroseconds(connection.timestamp());
    return microseconds ? WITHOUT_END_IN_MICROSECONDS : WITHOUT_END;
  }

  /** From now on it waits without end. */
  void begin(TcpSnapshot connection) {
    if (!begun) {
      millisBefore = connection.userTimeoutMillis();
      TcpCalls.ofThread().setTcp(descriptor, TCP_USER_TIMEOUT, longest(connection));
      begun = true;
    }
  }

  /** Whether all of the connection is in the socket; outlives this process. */
  void noteComplete(boolean complete) {
    if (begun) {
      TcpCalls calls = TcpCalls.ofThread();
      int now = calls.getTcp(descriptor, TCP_USER_TIMEOUT);
      if (isOurs(now)) {
        int whole = isIncomplete(now) ? now + INCOMPLETE : now;
        calls.setTcp(descriptor, TCP_USER_TIMEOUT, complete ? whole : whole - INCOMPLETE);
      }
    }
  }

  /** Whether another process has died with something of the connection. */
  boolean isFoundIncomplete() {
    return isIncomplete(TcpCalls.ofThread().getTcp(descriptor, TCP_USER_TIMEOUT));
  }

  private static boolean isIncomplete(int millis) {
    return millis == WITHOUT_END - INCOMPLETE || millis == WITHOUT_END_IN_MICROSECONDS - INCOMPLETE;
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
    if (begun && isOurs(calls.getTcp(descriptor, TCP_USER_TIMEOUT))) {
      calls.setTcp(descriptor, TCP_USER_TIMEOUT, millisBefore);
    }
    begun = false;
  }

  private static boolean isOurs(int millis) {
    return millis == WITHOUT_END || millis == WITHOUT_END_IN_MICROSECONDS || isIncomplete(millis);
  }
}
