package org.holdfast.takeover;

import java.nio.ByteBuffer;

/**
 * What a host's connection tracking has of a held connection.
 *
 * @param index of the connection in its takeover
 * @param entry as ctnetlink tells it, position to limit
 * @param translated whether the host rewrites its addresses or ports: what that is good for stays
 *     with the host, and so does the entry
 */
public record TrackedConnection(int index, ByteBuffer entry, boolean translated) {}
