package org.holdfast.takeover;

import java.nio.ByteBuffer;
import org.holdfast.tcp.TcpSnapshot;

/**
 * What a held connection has reached.
 *
 * @param index as in {@link ConnectionToHold}
 * @param reached the copy's last snapshot; addresses carry no scope
 * @param received what the copy received beyond the export, position to limit: the last bytes
 *     before {@code reached.receiveEnd()}. Valid until the receiver returns
 * @param resetErrno errno if the connection died while held (the peer reset it), else 0. Then
 *     {@code reached} is the state in which it was taken over, moved on by {@code received}
 */
public record ReachedConnection(
    int index, TcpSnapshot reached, ByteBuffer received, int resetErrno) {}
