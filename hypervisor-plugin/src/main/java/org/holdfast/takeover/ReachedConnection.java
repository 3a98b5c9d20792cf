package org.holdfast.takeover;

import java.nio.ByteBuffer;
import java.util.List;
import org.holdfast.tcp.TcpSnapshot;

/**
 * What a held connection has reached.
 *
 * @param index as in {@link ConnectionToHold}
 * @param reached the copy's last snapshot; addresses carry no scope
 * @param aheadBytes how much it received beyond the export and that was passed on before
 * @param received what it received after that, position to limit of each in order: the last bytes
 *     before {@code reached.receiveEnd()}. Valid until the receiver returns
 * @param resetErrno errno if the connection died while held (the peer reset it), else 0
 */
public record ReachedConnection(
    int index, TcpSnapshot reached, int aheadBytes, List<ByteBuffer> received, int resetErrno) {

  /** How much was received beyond the export, bytes. */
  public int receivedBytes() {
    return aheadBytes + received.stream().mapToInt(ByteBuffer::remaining).sum();
  }
}
