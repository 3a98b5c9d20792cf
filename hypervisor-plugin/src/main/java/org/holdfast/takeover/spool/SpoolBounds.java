package org.holdfast.takeover.spool;

import java.nio.file.Path;

/**
 * How much is spooled at most. At any of the bounds nothing more is read from a copy: its receive
 * queue fills up, its window closes, and the peer waits.
 *
 * @param bytesPerConnection of one connection
 * @param bytesPerVm of all connections of one VM
 * @param memoryBytesPerVm of those of a VM, kept in memory; the rest goes to files
 * @param host of all VMs that this host holds connections for
 * @param directory for a file of each VM; made when needed
 */
public record SpoolBounds(
    long bytesPerConnection,
    long bytesPerVm,
    long memoryBytesPerVm,
    SpoolSpace host,
    Path directory) {
  private static final long MEBIBYTE = 1 << 20;

  /** 64 MiB a connection, 128 MiB a VM, of which 16 MiB in memory; a host of its own. */
  public static SpoolBounds defaults() {
    return new SpoolBounds(
        64 * MEBIBYTE,
        128 * MEBIBYTE,
        16 * MEBIBYTE,
        SpoolSpace.of(1024 * MEBIBYTE),
        Path.of(System.getProperty("java.io.tmpdir")));
  }
}
