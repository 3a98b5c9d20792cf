package org.holdfast.linux;

import java.nio.ByteBuffer;
import org.holdfast.tcp.SequenceNumber;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpRepairException;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.tcp.TcpState;

/**
 * What a copy was made of, and how much of what it received since was taken out of it. Both outlive
 * the connection, of which the kernel forgets nearly everything when it ends.
 */
final class CopyOrigin {
  private final int descriptor;
  private final TcpSnapshot snapshot;
  private int receiveStart;
  private int errorAtTheEnd;

  /**
   * @param receiveStart sequence number of the first byte in the copy's receive queue
   */
  CopyOrigin(int descriptor, TcpSnapshot snapshot, int receiveStart) {
    this.descriptor = descriptor;
    this.snapshot = snapshot;
    this.receiveStart = receiveStart;
  }

  /**
   * Of a copy that another process has made and read from. Only the kernel can say how much was
   * taken out: what it has received less what waits. If the connection was reset after the peer's
   * FIN, that FIN is counted here as a byte.
   */
  static CopyOrigin found(int descriptor, TcpSnapshot snapshot) {
    TcpCalls calls = TcpCalls.ofThread();
    TcpInfo info;
    int waiting;
    do {
      info = calls.info(descriptor);
      waiting = SocketQueues.unread(descriptor);
    } while (calls.info(descriptor).bytesReceived() != info.bytesReceived());
    int fin = info.state().finReceived() ? 1 : 0;
    int taken = (int) info.bytesReceived() - fin - waiting;
    return new CopyOrigin(descriptor, snapshot, startOf(snapshot) + taken);
  }

  private static int startOf(TcpSnapshot snapshot) {
    return snapshot.receiveEnd() - snapshot.receiveQueueBytes();
  }

  TcpSnapshot snapshot() {
    return snapshot;
  }

  int peek(ByteBuffer into, boolean inRepair) {
    TcpCalls calls = TcpCalls.ofThread();
    try {
      return calls.peekReceived(descriptor, into);
    } catch (TcpRepairException e) {
      if (inRepair || calls.info(descriptor).state() != TcpState.CLOSE) {
        throw e;
      }
      // The kernel tells of a reset once; the export is to know of it.
      errorAtTheEnd = e.errno();
      return 0;
    }
  }

  void discard(int bytes) {
    TcpCalls.ofThread().discard(descriptor, bytes);
    receiveStart += bytes;
  }

  int discardedBytes() {
    return SequenceNumber.distance(startOf(snapshot), receiveStart);
  }

  /** A call was told that the connection is over, and the kernel will not say it again. */
  void wasReset() {
    errorAtTheEnd = Errno.ECONNRESET;
  }

  /** The connection has ended, and the socket is in repair. */
  TcpExport readEnded(TcpExporter exporter) {
    int error = TcpCalls.ofThread().getSocket(descriptor, LinuxConstants.SO_ERROR);
    errorAtTheEnd = error == 0 ? errorAtTheEnd : error;
    return exporter.readEnded(descriptor, snapshot, receiveStart, errorAtTheEnd);
  }
}
