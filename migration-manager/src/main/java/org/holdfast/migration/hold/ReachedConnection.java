package org.holdfast.migration.hold;

import java.nio.ByteBuffer;
import java.util.List;
import org.holdfast.proto.connection.v1.ConnectionState;

/**
 * What a held connection has reached.
 *
 * @param index of the connection in its takeover
 * @param reached the copy's last state
 * @param received what the copy received since the takeover and was not passed ahead, in order,
 *     position to limit of each
 * @param acknowledgedForVm bytes the copy acknowledged on the VM's behalf
 */
public record ReachedConnection(
    int index, ConnectionState reached, List<ByteBuffer> received, long acknowledgedForVm) {}
