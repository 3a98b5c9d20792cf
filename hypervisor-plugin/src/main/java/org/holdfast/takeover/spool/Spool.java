package org.holdfast.takeover.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one connection's copy has received and handed in, in order: its beginning in memory, the
 * rest on disk. Bytes are taken from the copy when they are safe here, not before: where the disk
 * fails they stay in the kernel, and nothing more is taken.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class Spool implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Spool.class);

  private final SpoolFiles files;
  private final int connection;
  private final SpoolSpace space;
  private final SpoolSpace memorySpace;
  private final List<SpoolFiles.Place> places = new ArrayList<>();
  private long bytes;
  private long bytesInMemory;
  private boolean diskFailed;

  /**
   * @param files of the VM
   * @param connection its number among the VM's
   * @param space of this connection
   * @param memorySpace of that, in memory
   */
  public Spool(SpoolFiles files, int connection, SpoolSpace space, SpoolSpace memorySpace) {
    this.files = files;
    this.connection = connection;
    this.space = space;
    this.memorySpace = memorySpace;
  }

  /** How many bytes it has. */
  public long bytes() {
    return bytes;
  }

  /** Where more bytes come from. */
  public interface Source {
    /** Puts bytes into {@code into}, from its position on; none if there are none. */
    void peek(ByteBuffer into);

    /** So many of those are not needed there any more. */
    void discard(int count);
  }

  /**
   * Takes once from {@code source}, if there is room for all that fits {@code scratch}. Killed at
   * whatever instant, bytes are here or there, and for a moment both: see {@link #goOn}.
   *
   * @param scratch direct; its contents are of no meaning before and after
   * @return bytes taken, -1 if a bound is reached
   */
  public int fill(Source source, ByteBuffer scratch) {
    int most = scratch.clear().remaining();
    if (diskFailed || !space.take(most)) {
      return -1;
    }
    source.peek(scratch);
    int taken = scratch.flip().remaining();
    if (taken > 0 && !append(scratch)) {
      space.giveBack(most);
      return -1;
    }
    space.giveBack(most - taken);
    source.discard(taken);
    return taken;
  }

  private boolean append(ByteBuffer more) {
    boolean inMemory = bytes == bytesInMemory && memorySpace.take(more.remaining());
    SpoolFile file = inMemory ? files.memory() : files.disk();
    try {
      add(new SpoolFiles.Place(file, file.append(connection, bytes, more)));
      return true;
    } catch (IOException e) {
      LOG.warn("Nothing more is spooled of a connection: {}", e.toString());
      diskFailed = true;
      if (inMemory) {
        memorySpace.giveBack(more.remaining());
      }
      return false;
    }
  }

  private void add(SpoolFiles.Place place) {
    places.add(place);
    bytes += place.run().bytes();
    bytesInMemory += place.file() == files.memory() ? place.run().bytes() : 0;
  }

  /**
   * Goes on where another process was killed.
   *
   * @param found by {@link SpoolFiles#goOn}
   * @param discarded how much was taken from the source, bytes: what is here beyond that is still
   *     there
   */
  public void goOn(SpoolFiles.Found found, long discarded) {
    for (SpoolFiles.Place place : found.of(connection)) {
      // A run that was not discarded in time is there twice, the second time perhaps longer.
      SpoolFile.Run run = place.run();
      int known = (int) Math.min(run.bytes(), bytes - run.spoolOffset());
      int more = (int) Math.min(run.bytes() - known, discarded - bytes);
      if (known >= 0 && more > 0) {
        add(
            new SpoolFiles.Place(
                place.file(),
                new SpoolFile.Run(connection, bytes, run.fileOffset() + known, more)));
      }
    }
    space.takeBeyondBound(bytes);
    memorySpace.takeBeyondBound(bytesInMemory);
  }

  /**
   * What it has, in order; position to limit of each. Stays valid, whatever comes after it.
   *
   * @param from how many bytes at its beginning are not wanted
   * @throws IOException a file cannot be read
   */
  public List<ByteBuffer> contents(long from) throws IOException {
    List<ByteBuffer> wanted = new ArrayList<>();
    long toSkip = from;
    for (SpoolFiles.Place place : places) {
      int skipped = (int) Math.min(toSkip, place.run().bytes());
      toSkip -= skipped;
      if (skipped < place.run().bytes()) {
        ByteBuffer part = place.read();
        wanted.add(part.slice(skipped, part.remaining() - skipped));
      }
    }
    return wanted;
  }

  /** Forgets all of it. */
  @Override
  public void close() {
    space.giveBack(bytes);
    memorySpace.giveBack(bytesInMemory);
    places.clear();
    bytes = 0;
    bytesInMemory = 0;
  }
}
