package org.holdfast.takeover.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.linux.Errno;
import org.holdfast.linux.SocketQueues;
import org.holdfast.takeover.HeldStatistics;
import org.holdfast.takeover.ReachedConnection;
import org.holdfast.takeover.spool.Spool;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.RepairSocket.AfterExport;
import org.holdfast.tcp.SequenceNumber;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpRepairException;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.tcp.TcpState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The copy of one connection.
 *
 * @param index as in the export
 * @param takenOver the state from which the copy was made, which says what it received since
 * @param spool what was read from it; the rest of what it received is in its receive queue
 */
record HeldCopy(int index, TcpSnapshot takenOver, RepairSocket socket, Spool spool)
    implements Spool.Source {
  private static final Logger LOG = LoggerFactory.getLogger(HeldCopy.class);

  /**
   * It was made without what the VM had not read: all that it has received came since the takeover.
   */
  HeldStatistics statistics() {
    TcpState state = socket.state();
    boolean fin =
        takenOver.state().finQueued() && (state.finAcknowledged() || state == TcpState.CLOSE);
    long delivered = SocketQueues.acknowledged(socket.descriptor()) - (fin ? 1 : 0);
    return new HeldStatistics(
        index,
        state,
        spool.bytes() + SocketQueues.unread(socket.descriptor()),
        Math.max(0, delivered));
  }

  @Override
  public void peek(ByteBuffer into) {
    socket.peekReceived(into);
  }

  @Override
  public void discard(int count) {
    socket.discardReceived(count);
  }

  /** The copy may speak. One that cannot must not cost the others. */
  void release() {
    try {
      socket.release();
    } catch (TcpRepairException e) {
      LOG.warn("The copy of {} -> {} cannot go on", takenOver.local(), takenOver.peer(), e);
    }
  }

  /** Whether it takes all of it; if not, nothing may follow. */
  boolean append(ByteBuffer bytes) {
    try {
      socket.append(bytes);
      return true;
    } catch (TcpRepairException e) {
      LOG.info("The copy of {} takes no more from its VM: {}", takenOver.peer(), e.getMessage());
      return false;
    }
  }

  /**
   * What it has reached; stays in repair, silent.
   *
   * @param ahead how much of what it received has been passed on already, bytes
   */
  ReachedConnection export(int ahead) {
    try {
      TcpExport export = socket.export(AfterExport.STAY_IN_REPAIR);
      TcpSnapshot reached = export.snapshot();
      int received = SequenceNumber.distance(takenOver.receiveEnd(), reached.receiveEnd());
      int unspooled = Math.toIntExact(received - spool.bytes());
      ByteBuffer queue = export.receiveQueue();
      List<ByteBuffer> rest = new ArrayList<>(spool.contents(ahead));
      rest.add(queue.slice(queue.limit() - unspooled, unspooled));
      return new ReachedConnection(index, reached, ahead, rest, reached.socketError());
    } catch (TcpRepairException | IOException e) {
      LOG.warn("The copy of {} -> {} is lost", takenOver.local(), takenOver.peer(), e);
      TcpSnapshot ended = takenOver.ended(ahead, Errno.ECONNABORTED);
      return new ReachedConnection(index, ended, ahead, List.of(), ended.socketError());
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
    spool.close();
  }
}
