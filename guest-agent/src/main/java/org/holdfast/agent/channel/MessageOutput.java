package org.holdfast.agent.channel;

import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.wire.WireFormatException;

/** Where messages to the host go. */
public interface MessageOutput {
  /**
   * Adds a message; writes only if there is no room for it.
   *
   * @throws HostGoneException if nobody takes what is written
   * @throws WireFormatException TOO_LARGE if the message does not fit into a frame
   */
  void add(GuestMessage message) throws HostGoneException, WireFormatException;

  /** Writes what can be written without waiting. */
  void writeSome();

  /**
   * Writes everything.
   *
   * @throws HostGoneException if nobody takes it
   */
  void flush() throws HostGoneException;
}
