package org.holdfast.migration.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records one after the other, each forced to disk before {@link #append} returns.
 *
 * <pre>
 *   "HOLDFJ" | format (16 bits) | { length | CRC32C of the bytes | bytes } ... | zeros
 * </pre>
 *
 * <p>The file is made longer ahead of need, with zeros: so a disk that is full later stops nothing
 * that has begun, and forcing a record changes no length. A record that was torn by a crash fails
 * its check and ends the file: it was not acted on.
 *
 * <p>Not safe for use by several threads at once.
 */
final class JournalFile implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(JournalFile.class);
  private static final long MAGIC_AND_FORMAT = 0x484f_4c44_464a_0001L;
  private static final int HEADER_BYTES = Long.BYTES;
  private static final int RECORD_HEADER_BYTES = 2 * Integer.BYTES;
  private static final int LARGEST_RECORD = 1 << 20;
  private static final int ROOM_BYTES = 64 * 1024;

  private final Path path;
  private final FileChannel channel;
  private long end;
  private long length;

  private JournalFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /** The records of a file, as far as they are whole; none if there is no file. */
  static List<byte[]> read(Path path) throws IOException {
    List<byte[]> records = new ArrayList<>();
    if (!Files.exists(path)) {
      return records;
    }
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(path));
    if (all.remaining() < HEADER_BYTES || all.getLong() != MAGIC_AND_FORMAT) {
      throw new IOException(path + " is no journal of this version");
    }
    while (all.remaining() >= RECORD_HEADER_BYTES) {
      int bytes = all.getInt();
      int check = all.getInt();
      if (bytes == 0) {
        break;
      }
      if (bytes < 0
          || bytes > all.remaining()
          || check(all.slice(all.position(), bytes)) != check) {
        log.warn("{}: the last record was not written to its end; it counts as not written", path);
        break;
      }
      byte[] record = new byte[bytes];
      all.get(record);
      records.add(record);
    }
    return records;
  }

  /**
   * A new file with these records, in the place of the one before it.
   *
   * @param path its directory is made if it is not there
   */
  static JournalFile replace(Path path, List<byte[]> records) throws IOException {
    Path directory = Objects.requireNonNull(path.toAbsolutePath().getParent(), "a file has one");
    Files.createDirectories(directory);
    JournalFile file = new JournalFile(path, create(path));
    file.write(0, ByteBuffer.allocate(HEADER_BYTES).putLong(MAGIC_AND_FORMAT).flip());
    file.end = HEADER_BYTES;
    file.length = HEADER_BYTES;
    file.makeRoom();
    for (byte[] record : records) {
      file.append(record);
    }
    Files.move(next(path), path, StandardCopyOption.ATOMIC_MOVE);
    force(directory);
    return file;
  }

  private static Path next(Path path) {
    return path.resolveSibling(path.getFileName() + ".next");
  }

  private static FileChannel create(Path path) throws IOException {
    Files.deleteIfExists(next(path));
    return FileChannel.open(
        next(path),
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  /** A new name in a directory lasts when the directory is on disk. */
  private static void force(Path directory) throws IOException {
    try (FileChannel opened = FileChannel.open(directory, StandardOpenOption.READ)) {
      opened.force(true);
    }
  }

  /** How long the records are, bytes. */
  long bytes() {
    return end;
  }

  /** Sees to it that what comes next will fit, whatever happens to the disk. */
  void makeRoom() throws IOException {
    if (length - end < ROOM_BYTES / 2) {
      write(length, ByteBuffer.allocate(ROOM_BYTES));
      length += ROOM_BYTES;
      channel.force(true);
    }
  }

  /**
   * Adds a record; it is on disk when this returns.
   *
   * @throws IOException it is not; the next one takes its place
   */
  void append(byte[] record) throws IOException {
    if (record.length == 0 || record.length > LARGEST_RECORD) {
      throw new IOException("a record of " + record.length + " bytes");
    }
    ByteBuffer whole = ByteBuffer.allocate(RECORD_HEADER_BYTES + record.length);
    whole.putInt(record.length).putInt(check(ByteBuffer.wrap(record))).put(record);
    write(end, whole.flip());
    channel.force(false);
    end += whole.limit();
    length = Math.max(length, end);
  }

  private void write(long offset, ByteBuffer bytes) throws IOException {
    long to = offset;
    while (bytes.hasRemaining()) {
      to += channel.write(bytes, to);
    }
  }

  private static int check(ByteBuffer bytes) {
    CRC32C check = new CRC32C();
    check.update(bytes.duplicate());
    return (int) check.getValue();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
