package org.holdfast.takeover.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file without a name, for the spools of one VM: it is gone when it is closed, or with the
 * process, however it ends. Only this process's user could ever read it: it holds what peers sent
 * to a VM. Made when it is first needed.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class SpoolFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SpoolFile.class);
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final Path directory;
  private @Nullable FileChannel channel;
  private long bytes;

  /** The file as it was when it was last read. */
  private ByteBuffer mapped = NOTHING;

  /**
   * @param directory made when needed
   */
  public SpoolFile(Path directory) {
    this.directory = directory;
  }

  /**
   * Adds bytes at its end, all or none.
   *
   * @param more position to limit; the position stays
   * @return where they are
   * @throws IOException the disk is full, say
   */
  long append(ByteBuffer more) throws IOException {
    FileChannel open = channel;
    if (open == null) {
      open = create();
      channel = open;
    }
    ByteBuffer rest = more.duplicate();
    long begin = bytes;
    long end = begin;
    while (rest.hasRemaining()) {
      end += open.write(rest, end);
    }
    bytes = end;
    return begin;
  }

  private FileChannel create() throws IOException {
    Files.createDirectories(directory);
    return FileChannel.open(
        directory.resolve("spool-" + UUID.randomUUID()),
        // On Linux the name goes as soon as the file is open.
        Set.of(
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE),
        OWNER_ONLY);
  }

  /**
   * A run of it; stays valid when it is closed.
   *
   * @throws IOException it cannot be mapped
   */
  ByteBuffer read(long offset, int length) throws IOException {
    FileChannel open = channel;
    if (open != null && mapped.capacity() < offset + length) {
      mapped = open.map(FileChannel.MapMode.READ_ONLY, 0, bytes);
    }
    return mapped.slice((int) offset, length);
  }

  @Override
  public void close() {
    FileChannel open = channel;
    channel = null;
    mapped = NOTHING;
    bytes = 0;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        LOG.warn("A spool file did not close: {}", e.toString());
      }
    }
  }
}
