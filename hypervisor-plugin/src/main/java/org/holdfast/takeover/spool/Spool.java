package org.holdfast.takeover.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
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

  /** A run of bytes in the file. */
  private record Extent(long offset, int bytes) {}

  private final SpoolFile file;
  private final SpoolSpace space;
  private final SpoolSpace memorySpace;
  private final List<ByteBuffer> inMemory = new ArrayList<>();
  private final List<Extent> inFile = new ArrayList<>();
  private final List<ByteBuffer> afterFile = new ArrayList<>();
  private long bytes;
  private boolean diskFailed;

  /**
   * @param file of the VM
   * @param space of this connection
   * @param memorySpace of that, in memory
   */
  public Spool(SpoolFile file, SpoolSpace space, SpoolSpace memorySpace) {
    this.file = file;
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
    if (inFile.isEmpty() && memorySpace.take(more.remaining())) {
      inMemory.add(copy(more));
      return;
    }
    try {
      addExtent(new Extent(file.append(more), more.remaining()));
    } catch (IOException e) {
      LOG.warn("Nothing more is spooled of a connection: {}", e.toString());
      diskFailed = true;
      afterFile.add(copy(more));
    }
  }

  /** What follows the last one is one with it. */
  private void addExtent(Extent next) {
    int last = inFile.size() - 1;
    Extent before = last < 0 ? null : inFile.get(last);
    if (before != null && before.offset() + before.bytes() == next.offset()) {
      inFile.set(last, new Extent(before.offset(), before.bytes() + next.bytes()));
    } else {
      inFile.add(next);
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
    List<ByteBuffer> all = new ArrayList<>(inMemory);
    for (Extent extent : inFile) {
      all.add(file.read(extent.offset(), extent.bytes()));
    }
    all.addAll(afterFile);
    List<ByteBuffer> wanted = new ArrayList<>();
    long toSkip = from;
    for (ByteBuffer part : all) {
      int skipped = (int) Math.min(toSkip, part.remaining());
      toSkip -= skipped;
      if (skipped < part.remaining()) {
        wanted.add(part.slice(skipped, part.remaining() - skipped));
      }
    }
    return wanted;
  }

  /** Forgets all of it. */
  @Override
  public void close() {
    space.giveBack(bytes);
    inMemory.forEach(part -> memorySpace.giveBack(part.remaining()));
    inMemory.clear();
    inFile.clear();
    afterFile.clear();
    bytes = 0;
  }
}
