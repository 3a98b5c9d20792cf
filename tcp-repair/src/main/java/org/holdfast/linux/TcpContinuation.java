package org.holdfast.linux;

import static org.holdfast.linux.LinuxConstants.TCP_RECV_QUEUE;
import static org.holdfast.linux.LinuxConstants.TCP_REPAIR_QUEUE;
import static org.holdfast.linux.LinuxConstants.TCP_TIMESTAMP;

import java.nio.ByteBuffer;
import java.util.List;
import org.holdfast.tcp.Restoration;

/**
 * Gives a socket in repair what its copy has received in its place, and leaves the connection as it
 * is: repair takes the rest of a state only in CLOSE, but bytes, clock and window at any time. A
 * third of the calls of a restoration, and the socket has its connection at every moment.
 */
final class TcpContinuation {
  private final TcpCalls calls = TcpCalls.ofThread();
  private final int descriptor;

  TcpContinuation(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * @param connection what the copy has reached
   * @param received beyond what the socket has received itself, in order
   */
  void goOn(Restoration connection, List<ByteBuffer> received) {
    if (!received.isEmpty()) {
      calls.setTcp(descriptor, TCP_REPAIR_QUEUE, TCP_RECV_QUEUE);
      fill(received);
    }
    if (connection.options().timestamps()) {
      calls.setTcp(descriptor, TCP_TIMESTAMP, connection.timestamp());
    }
    calls.setWindow(descriptor, connection.window());
  }

  private void fill(List<ByteBuffer> received) {
    boolean done = false;
    try {
      for (ByteBuffer part : received) {
        calls.fillQueue(descriptor, part.duplicate());
      }
      done = true;
    } finally {
      if (!done) {
        calls.disconnect(descriptor); // with a gap in it, its application must learn of the loss
      }
    }
  }
}
