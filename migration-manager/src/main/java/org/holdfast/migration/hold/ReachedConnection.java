package org.holdfast.migration.hold;

import java.nio.ByteBuffer;
import org.holdfast.proto.connection.v1.ConnectionState;

/**
 * What a held connection has reached.
 *
 * @param index of the connection in its takeover
 * @param reached the copy's last state
 * @param received what the copy received since the takeover, position to limit
 * @param acknowledgedForVm bytes the copy acknowledged on the VM's behalf
 */
public record ReachedConnection(
    int index, ConnectionState reached, ByteBuffer received, long acknowledgedForVm) {}
