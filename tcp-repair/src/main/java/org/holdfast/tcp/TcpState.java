package org.holdfast.tcp;

/** States of a connection (RFC 9293, 3.3.2), with Linux's numbers (include/net/tcp_states.h). */
public enum TcpState {
  ESTABLISHED(1),
  SYN_SENT(2),
  SYN_RECV(3),
  FIN_WAIT1(4),
  FIN_WAIT2(5),
  TIME_WAIT(6),
  CLOSE(7),
  CLOSE_WAIT(8),
  LAST_ACK(9),
  LISTEN(10),
  CLOSING(11);

  private static final TcpState[] BY_NUMBER = new TcpState[12];

  static {
    for (TcpState state : values()) {
      BY_NUMBER[state.number] = state;
    }
  }

  private final int number;

  TcpState(int number) {
    this.number = number;
  }

  /** Linux's number of this state. */
  public int number() {
    return number;
  }

  /**
   * The state with Linux's number {@code number}.
   *
   * @throws IllegalArgumentException for a number that is no state of a connection
   */
  public static TcpState of(int number) {
    if (number < 1 || number >= BY_NUMBER.length) {
      throw new IllegalArgumentException("no TCP state has the number " + number);
    }
    return BY_NUMBER[number];
  }

  /** Whether a socket in this state can be exported and conformed. */
  public boolean isManageable() {
    return switch (this) {
      case ESTABLISHED, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT, LAST_ACK, CLOSING -> true;
      case SYN_SENT, SYN_RECV, TIME_WAIT, CLOSE, LISTEN -> false;
    };
  }

  /** Whether this side has sent, or queued, its FIN. */
  public boolean finQueued() {
    return switch (this) {
      case FIN_WAIT1, FIN_WAIT2, LAST_ACK, CLOSING, TIME_WAIT -> true;
      case ESTABLISHED, CLOSE_WAIT, SYN_SENT, SYN_RECV, CLOSE, LISTEN -> false;
    };
  }

  /** Whether the peer has acknowledged this side's FIN. */
  public boolean finAcknowledged() {
    return this == FIN_WAIT2 || this == TIME_WAIT;
  }

  /** Whether the peer's FIN has been received. */
  public boolean finReceived() {
    return switch (this) {
      case CLOSE_WAIT, LAST_ACK, CLOSING, TIME_WAIT -> true;
      case ESTABLISHED, FIN_WAIT1, FIN_WAIT2, SYN_SENT, SYN_RECV, CLOSE, LISTEN -> false;
    };
  }
}
