package org.holdfast.takeover.host;

import java.nio.ByteBuffer;
import org.holdfast.linux.Errno;
import org.holdfast.linux.SocketQueues;
import org.holdfast.takeover.HeldStatistics;
import org.holdfast.takeover.ReachedConnection;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.RepairSocket.AfterExport;
import org.holdfast.tcp.SequenceNumber;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpRepairException;
import org.holdfast.tcp.TcpSnapshot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The copy of one connection.
 *
 * @param index as in the export
 * @param takenOver the state from which the copy was made, which says what it received since
 */
record HeldCopy(int index, TcpSnapshot takenOver, RepairSocket socket) {
  private static final Logger LOG = LoggerFactory.getLogger(HeldCopy.class);
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

  /**
   * Nobody reads from a copy, and it was made without what the VM had not read: all that waits in
   * its receive queue came since the takeover.
   */
  HeldStatistics statistics() {
    int waiting = SocketQueues.unacknowledged(socket.descriptor());
    long delivered = takenOver.sendQueueBytes() - (long) waiting;
    return new HeldStatistics(
        index,
        socket.state(),
        SocketQueues.unread(socket.descriptor()),
        Math.max(0, Math.min(delivered, takenOver.sendQueueBytes())));
  }

  /** The copy may speak. One that cannot must not cost the others. */
  void release() {
    try {
      socket.release();
    } catch (TcpRepairException e) {
      LOG.warn("The copy of {} -> {} cannot go on", takenOver.local(), takenOver.peer(), e);
    }
  }

  /** What it has reached; stays in repair, silent. */
  ReachedConnection export() {
    try {
      TcpExport export = socket.export(AfterExport.STAY_IN_REPAIR);
      TcpSnapshot reached = export.snapshot();
      int received = SequenceNumber.distance(takenOver.receiveEnd(), reached.receiveEnd());
      ByteBuffer queue = export.receiveQueue();
      ByteBuffer tail = queue.slice(queue.limit() - received, received);
      return new ReachedConnection(index, reached, tail, reached.socketError());
    } catch (TcpRepairException e) {
      LOG.warn("The copy of {} -> {} is lost", takenOver.local(), takenOver.peer(), e);
      return new ReachedConnection(index, takenOver, NOTHING, Errno.ECONNABORTED);
    }
  }

  /** Says nothing, whatever state it is in: in repair a close is silent. */
  void drop() {
    try {
      socket.export(AfterExport.STAY_IN_REPAIR);
    } catch (TcpRepairException e) {
      // Not a state that has something to say; and the namespace's rules keep it silent anyway.
      LOG.debug("Dropping the copy of {} outside repair", takenOver.peer(), e);
    }
    socket.close();
  }
}
