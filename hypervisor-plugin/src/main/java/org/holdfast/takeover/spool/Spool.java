package org.holdfast.takeover.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one connection's copy has received and handed in, in order: its beginning in memory, the
 * rest in a file. A byte that was handed in is acknowledged to the peer already: where the disk
 * fails, it stays in memory, and nothing more is taken.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class Spool implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Spool.class);

  private final SpoolFiles files;
  private final SpoolSpace space;
  private final SpoolSpace memorySpace;
  private final List<ByteBuffer> inMemory = new ArrayList<>();
  private final List<ByteBuffer> afterFile = new ArrayList<>();
  private @Nullable FileChannel file;
  private long fileBytes;
  private long bytes;
  private boolean diskFailed;

  /**
   * @param files where files are made
   * @param space of this connection
   * @param memorySpace of that, in memory
   */
  public Spool(SpoolFiles files, SpoolSpace space, SpoolSpace memorySpace) {
    this.files = files;
    this.space = space;
    this.memorySpace = memorySpace;
  }

  /** How many bytes it has. */
  public long bytes() {
    return bytes;
  }

  /** Where more bytes come from. */
  @FunctionalInterface
  public interface Source {
    /** Puts bytes into {@code into}, from its position on; none if there are none. */
    void read(ByteBuffer into);
  }

  /**
   * Takes once from {@code source}, if there is room for all that fits {@code scratch}: what has
   * been read cannot be put back.
   *
   * @param scratch direct; its contents are of no meaning before and after
   * @return bytes taken, -1 if a bound is reached
   */
  public int fill(Source source, ByteBuffer scratch) {
    int most = scratch.clear().remaining();
    if (diskFailed || !space.take(most)) {
      return -1;
    }
    source.read(scratch);
    int taken = scratch.flip().remaining();
    space.giveBack(most - taken);
    append(scratch);
    bytes += taken;
    return taken;
  }

  private void append(ByteBuffer more) {
    if (!more.hasRemaining()) {
      return;
    }
    if (file == null && memorySpace.take(more.remaining())) {
      inMemory.add(copy(more));
      return;
    }
    try {
      FileChannel open = file;
      if (open == null) {
        open = files.create();
        file = open;
      }
      while (more.hasRemaining()) {
        fileBytes += open.write(more, fileBytes);
      }
    } catch (IOException e) {
      LOG.warn("Nothing more is spooled of a connection: {}", e.toString());
      diskFailed = true;
      afterFile.add(copy(more));
    }
  }

  private static ByteBuffer copy(ByteBuffer more) {
    return ByteBuffer.allocate(more.remaining()).put(more).flip().asReadOnlyBuffer();
  }

  /**
   * What it has, in order; position to limit of each. Stays valid, whatever comes after it.
   *
   * @param from how many bytes at its beginning are not wanted
   * @throws IOException the file cannot be read
   */
  public List<ByteBuffer> contents(long from) throws IOException {
    List<ByteBuffer> contents = new ArrayList<>();
    long toSkip = addFrom(from, inMemory, contents);
    FileChannel open = file;
    if (open != null && fileBytes > toSkip) {
      contents.add(open.map(FileChannel.MapMode.READ_ONLY, toSkip, fileBytes - toSkip));
    }
    addFrom(Math.max(0, toSkip - fileBytes), afterFile, contents);
    return contents;
  }

  /** Returns how many bytes are still to be skipped. */
  private static long addFrom(long from, List<ByteBuffer> parts, List<ByteBuffer> contents) {
    long toSkip = from;
    for (ByteBuffer part : parts) {
      int skipped = (int) Math.min(toSkip, part.remaining());
      toSkip -= skipped;
      if (skipped < part.remaining()) {
        contents.add(part.slice(skipped, part.remaining() - skipped));
      }
    }
    return toSkip;
  }

  /** Forgets all of it. */
  @Override
  public void close() {
    space.giveBack(bytes);
    inMemory.forEach(part -> memorySpace.giveBack(part.remaining()));
    inMemory.clear();
    afterFile.clear();
    bytes = 0;
    fileBytes = 0;
    FileChannel open = file;
    file = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        LOG.warn("A spool file did not close: {}", e.toString());
      }
    }
  }
}
