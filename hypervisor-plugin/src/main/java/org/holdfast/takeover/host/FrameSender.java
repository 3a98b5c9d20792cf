package org.holdfast.takeover.host;

import java.nio.ByteBuffer;
import org.holdfast.linux.KernelException;
import org.holdfast.linux.PacketSocket;

/** Sends frames out of one network device as they are. */
final class FrameSender implements AutoCloseable {
  private static final int LARGEST_FRAME = 1 << 16;
  private static final int SMALLEST_BUFFER = 4096;

  private final PacketSocket socket;
  private final ByteBuffer scratch = ByteBuffer.allocateDirect(LARGEST_FRAME);

  /** To be made on a thread of the device's network namespace. */
  FrameSender(int interfaceIndex) {
    socket = PacketSocket.open(interfaceIndex, SMALLEST_BUFFER, true, FrameFilter.nothing());
  }

  /**
   * Sends position to limit of {@code frame} (direct), waiting a little where the queue is full.
   *
   * @return whether the device took it
   */
  synchronized boolean send(ByteBuffer frame) {
    try {
      for (int attempt = 0; attempt < 100; attempt++) {
        if (socket.send(frame)) {
          return true;
        }
        Thread.onSpinWait();
      }
    } catch (KernelException e) {
      // The device is down or gone, or the frame longer than its MTU: the same as a lost frame.
      return false;
    }
    return false;
  }

  /** As above. */
  synchronized boolean send(byte[] frame) {
    if (frame.length > LARGEST_FRAME) {
      return false;
    }
    scratch.clear().put(frame).flip();
    return send(scratch);
  }

  @Override
  public synchronized void close() {
    socket.close();
  }
}
