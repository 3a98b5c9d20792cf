package org.holdfast.linux;

import static org.holdfast.linux.LinuxConstants.SOCK_RCVBUF_LOCK;
import static org.holdfast.linux.LinuxConstants.SO_BUF_LOCK;
import static org.holdfast.linux.LinuxConstants.SO_PEEK_OFF;
import static org.holdfast.linux.LinuxConstants.SO_RCVBUF;
import static org.holdfast.linux.LinuxConstants.SO_RCVBUFFORCE;
import static org.holdfast.linux.LinuxConstants.SO_RCVLOWAT;
import static org.holdfast.linux.LinuxConstants.SO_SNDBUF;
import static org.holdfast.linux.LinuxConstants.SO_SNDBUFFORCE;
import static org.holdfast.linux.LinuxConstants.TCP_QUICKACK;
import static org.holdfast.linux.LinuxConstants.TCP_WINDOW_CLAMP;

import org.holdfast.tcp.Restoration;

/**
 * The socket options that a disconnect in repair resets, and buffer sizes, as the application had
 * them. SO_REUSEADDR is not here: leaving repair clears it in any case.
 *
 * <p>Buffers are raised only where queues or promises need it. Raising one switches its auto-tuning
 * off; SO_BUF_LOCK (Linux 5.16) gives that back.
 */
final class KeptOptions {
  private static final int BUF_LOCK_UNKNOWN = -1;
  private static final int NO_PEEK_OFFSET = -1;
  private static final int LARGEST_BUFFER_BYTES = Integer.MAX_VALUE / 2;

  /** How far receive buffers grow by themselves: net.ipv4.tcp_rmem, its usual maximum. */
  private static final int LARGEST_TUNED_BUFFER_BYTES = 6 << 20;

  /** The kernel charges buffers for its own structures too; and a full one refuses. */
  private static final int SLACK_BYTES = 1 << 16;

  private final TcpCalls calls = TcpCalls.ofThread();
  private final int descriptor;
  private final int windowClamp;
  private final int quickAck;
  private final int sendBuffer;
  private final int receiveBuffer;
  private final int bufferLocks;
  private final int peekOffset;
  private final int receiveLowWater;
  private boolean sendBufferForced;
  private boolean receiveBufferForced;
  private int receiveBufferToLeave;

  /** Reads them. */
  KeptOptions(int descriptor) {
    this.descriptor = descriptor;
    this.windowClamp = calls.getTcp(descriptor, TCP_WINDOW_CLAMP);
    this.quickAck = calls.getTcp(descriptor, TCP_QUICKACK);
    this.sendBuffer = calls.getSocket(descriptor, SO_SNDBUF);
    this.receiveBuffer = calls.getSocket(descriptor, SO_RCVBUF);
    this.bufferLocks = calls.getSocketOr(descriptor, SO_BUF_LOCK, BUF_LOCK_UNKNOWN);
    this.peekOffset = calls.getSocketOr(descriptor, SO_PEEK_OFF, NO_PEEK_OFFSET);
    this.receiveLowWater = calls.getSocket(descriptor, SO_RCVLOWAT);
    this.receiveBufferToLeave = receiveBuffer;
  }

  /** Makes room for the queues to come. */
  void raiseBuffers(Restoration connection) {
    long sending = (long) connection.sent().remaining() + connection.unsent().remaining();
    if (sending > 0 && doubled(sending) > sendBuffer) {
      calls.setSocket(descriptor, SO_SNDBUFFORCE, doubled(sending) / 2);
      sendBufferForced = true;
    }
    int receiving = doubled(connection.receiveBytes());
    if (receiving > receiveBuffer) {
      calls.setSocket(descriptor, SO_RCVBUFFORCE, receiving / 2);
      receiveBufferForced = true;
      boolean locked = bufferLocks > 0 && (bufferLocks & SOCK_RCVBUF_LOCK) != 0;
      // A buffer that the kernel sizes may stay as large as the kernel itself would have made it
      // for so much data: a full one drops what comes next. One that the application has sized is
      // put back in any case.
      int grown = Math.max(receiveBuffer, Math.min(receiving, LARGEST_TUNED_BUFFER_BYTES));
      receiveBufferToLeave = locked ? receiveBuffer : grown;
    }
  }

  private static int doubled(long payloadBytes) {
    return (int) Math.min(2 * payloadBytes + SLACK_BYTES, LARGEST_BUFFER_BYTES);
  }

  /**
   * Wakes whoever waits for bytes, if enough are there: what repair puts into a queue it tells
   * nobody (tcp_set_rcvlowat, Linux 4.18).
   */
  void tellReaders() {
    calls.setSocket(descriptor, SO_RCVLOWAT, receiveLowWater);
  }

  /** After the window is set: the kernel derives from it how fast the window may grow. */
  void putBackWindowClamp() {
    if (windowClamp > 0) {
      calls.setTcp(descriptor, TCP_WINDOW_CLAMP, windowClamp);
    }
  }

  /** After all is sent. */
  void putBackTheRest() {
    if (sendBufferForced) {
      calls.setSocket(descriptor, SO_SNDBUFFORCE, (sendBuffer + 1) / 2);
    }
    if (receiveBufferForced) {
      calls.setSocket(descriptor, SO_RCVBUFFORCE, (receiveBufferToLeave + 1) / 2);
    }
    if ((sendBufferForced || receiveBufferForced) && bufferLocks != BUF_LOCK_UNKNOWN) {
      calls.setSocket(descriptor, SO_BUF_LOCK, bufferLocks);
    }
    if (calls.getTcp(descriptor, TCP_QUICKACK) != quickAck) {
      calls.setTcp(descriptor, TCP_QUICKACK, quickAck);
    }
    if (peekOffset != NO_PEEK_OFFSET) {
      calls.setSocket(descriptor, SO_PEEK_OFF, peekOffset);
    }
  }

  /** Whether a buffer had to be forced on a kernel that cannot take it back. */
  boolean autoTuningLost() {
    return (sendBufferForced || receiveBufferForced) && bufferLocks == BUF_LOCK_UNKNOWN;
  }
}
