package org.holdfast.takeover;

import java.nio.ByteBuffer;
import java.util.List;
import org.holdfast.tcp.TcpSnapshot;

/**
 * What a held connection has reached.
 *
 * @param index as in {@link ConnectionToHold}
 * @param reached the copy's last snapshot; addresses carry no scope
 * @param received what the copy received beyond the export, position to limit of each in order: the
 *     last bytes before {@code reached.receiveEnd()}. Valid until the receiver returns
 * @param resetErrno errno if the connection died while held (the peer reset it), else 0
 */
public record ReachedConnection(
    int index, TcpSnapshot reached, List<ByteBuffer> received, int resetErrno) {

  /** How much was received, bytes. */
  public int receivedBytes() {
    return received.stream().mapToInt(ByteBuffer::remaining).sum();
  }
}
