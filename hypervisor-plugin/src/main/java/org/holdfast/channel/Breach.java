package org.holdfast.channel;

/**
 * In which way an agent's answer breaks the protocol or goes beyond its bounds. The name stands in
 * every complaint about it, so that an operator can tell a fault of the network from an agent that
 * is not ours. Each costs the agent its own operation, and nobody else anything.
 */
public enum Breach {
  /** A frame's magic, length or checksum is wrong. */
  BROKEN_FRAME,
  /** A whole frame holds no message. */
  NO_MESSAGE,
  /** The message answers something else than what was asked. */
  WRONG_ANSWER,
  /** The end of the answer is not where the answer says, or there is none. */
  MISPLACED_END,
  /** More connections than a guest may have. */
  TOO_MANY_CONNECTIONS,
  /** More interfaces than a guest may have. */
  TOO_MANY_INTERFACES,
  /** More addresses, routes or neighbours than an interface may have. */
  TOO_MANY_ENTRIES,
  /** An interface without an Ethernet address. */
  BAD_INTERFACE,
  /** A connection is told twice. */
  CONNECTION_TWICE,
  /** Bytes of a connection that was not told, or has all of its bytes already. */
  UNASKED_BYTES,
  /** Bytes that have no business here: what was received stays in the guest. */
  WRONG_QUEUE,
  /** More bytes than the connection's state says, or none in a chunk. */
  QUEUE_OVERRUN,
  /** A length that no queue can have. */
  IMPOSSIBLE_QUEUE,
  /** Fewer bytes than the connection's state says. */
  QUEUE_WITH_HOLES,
  /** A ticket that no host has made. */
  FORGED_TICKET,
  /** More connections conformed than were handed over. */
  TOO_MANY_CONFORMED
}
