package org.holdfast.takeover.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.holdfast.linux.NamelessFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file without a name in which the spools of one VM lie one after the other, each run of bytes
 * behind a header that says whose it is. So another process that is given the file, when this one
 * was killed at whatever instant, knows as much as this one did. Made when it is first needed.
 *
 * <pre>
 *   magic | connection | offset in the connection's spool (64 bits) | length | check | bytes
 * </pre>
 *
 * <p>A header is written after its bytes: one that is whole has all of them behind it.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class SpoolFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SpoolFile.class);
  private static final int MAGIC = 0x48465350;
  private static final int HEADER_BYTES = 24;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /** Makes the file. */
  @FunctionalInterface
  public interface Maker {
    NamelessFile make() throws IOException;
  }

  private final Maker maker;
  private final Consumer<NamelessFile> onMade;
  private final ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
  private @Nullable NamelessFile file;
  private long end;

  /** The file as it was when it was last read. */
  private ByteBuffer mapped = NOTHING;

  /**
   * @param onMade told of the file before anything is in it
   */
  public SpoolFile(Maker maker, Consumer<NamelessFile> onMade) {
    this.maker = maker;
    this.onMade = onMade;
  }

  /**
   * A run of bytes of a connection.
   *
   * @param connection as its spool was named
   * @param spoolOffset how many bytes of that spool come before it
   * @param fileOffset where it is
   */
  public record Run(int connection, long spoolOffset, long fileOffset, int bytes) {}

  /**
   * Goes on with a file that another process has written.
   *
   * @return the runs in it
   * @throws IOException it cannot be read
   */
  public List<Run> goOn(NamelessFile found) throws IOException {
    file = found;
    List<Run> runs = new ArrayList<>();
    end = 0;
    while (readHeader(found.channel())) {
      Run run = new Run(header.getInt(4), header.getLong(8), end + HEADER_BYTES, header.getInt(16));
      runs.add(run);
      end = run.fileOffset() + run.bytes();
    }
    return runs;
  }

  private boolean readHeader(FileChannel channel) throws IOException {
    header.clear();
    long from = end;
    while (header.hasRemaining() && channel.read(header, from + header.position()) > 0) {
      // a file may give less than it was asked for
    }
    return !header.hasRemaining() && header.getInt(0) == MAGIC && header.getInt(20) == check();
  }

  private int check() {
    return header.getInt(4) * 31 + Long.hashCode(header.getLong(8)) * 31 + header.getInt(16);
  }

  /**
   * Adds bytes at its end, all or none.
   *
   * @param more position to limit; the position stays
   * @return where they are
   * @throws IOException the disk is full, say
   */
  Run append(int connection, long spoolOffset, ByteBuffer more) throws IOException {
    NamelessFile open = file;
    if (open == null) {
      open = maker.make();
      onMade.accept(open);
      file = open;
    }
    Run run = new Run(connection, spoolOffset, end + HEADER_BYTES, more.remaining());
    write(open.channel(), more.duplicate(), run.fileOffset());
    header.clear();
    header.putInt(0, MAGIC).putInt(4, connection).putLong(8, spoolOffset).putInt(16, run.bytes());
    header.putInt(20, check());
    write(open.channel(), header, end);
    end = run.fileOffset() + run.bytes();
    return run;
  }

  private static void write(FileChannel channel, ByteBuffer from, long offset) throws IOException {
    long next = offset;
    while (from.hasRemaining()) {
      next += channel.write(from, next);
    }
  }

  /**
   * The bytes of a run; stay valid when the file is closed.
   *
   * @throws IOException it cannot be mapped
   */
  ByteBuffer read(Run run) throws IOException {
    NamelessFile open = file;
    if (open != null && mapped.capacity() < run.fileOffset() + run.bytes()) {
      mapped = open.channel().map(FileChannel.MapMode.READ_ONLY, 0, end);
    }
    return mapped.slice((int) run.fileOffset(), run.bytes());
  }

  @Override
  public void close() {
    NamelessFile open = file;
    file = null;
    mapped = NOTHING;
    end = 0;
    if (open != null) {
      try {
        open.close();
      } catch (RuntimeException e) {
        LOG.warn("A spool file did not close: {}", e.toString());
      }
    }
  }
}
