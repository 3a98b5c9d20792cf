package org.holdfast.channel;

import org.holdfast.proto.connection.v1.ConnectionId;
import org.holdfast.proto.connection.v1.UnmanagedReason;

/** Receives an export, connection by connection, on the thread that asked for it. */
public interface ExportSink {

  /** A whole connection: its state was checked and its queues are as long as the state says. */
  void exported(GuestConnection connection);

  /**
   * A connection the agent exported but the host will not hold.
   *
   * @param id as the agent gave it, unchecked: for the ledger only
   * @param detail in words
   */
  void refused(int index, ConnectionId id, UnmanagedReason reason, String detail);
}
