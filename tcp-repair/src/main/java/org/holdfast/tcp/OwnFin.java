package org.holdfast.tcp;

/** How far this side's FIN has come on a connection that is to be restored. */
public enum OwnFin {
  /**
   * The application has not shut its sending side down, or the FIN is not for this socket to send.
   */
  NONE,
  /** It follows the unsent bytes, when the socket is released. */
  ON_RELEASE,
  /** It may have been sent: it has its sequence number, and the retransmission timer minds it. */
  SENT,
  /** The peer has acknowledged it. */
  ACKNOWLEDGED
}
