package org.holdfast.takeover.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import org.holdfast.linux.DescriptorQueue;
import org.holdfast.linux.Descriptors;
import org.holdfast.linux.KeeperProcess;
import org.holdfast.linux.KernelException;
import org.holdfast.linux.NamelessFile;
import org.holdfast.proto.host.v1.KeptNamespace;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.takeover.TakeoverException.Code;

/**
 * What of a takeover namespace outlives this process, in the care of a {@link KeeperProcess}: the
 * copies' sockets, the spool, and a record of what they are. The namespace itself, its ports and
 * rules and the fence need nobody.
 *
 * <p>The record is there when all of it is: without one, what is kept is a leftover.
 */
final class NamespaceKeeper implements AutoCloseable {
  private static final char RECORD = 'R';
  private static final char COPIES = 'C';
  private static final char SPOOL_IN_MEMORY = 'M';
  private static final char SPOOL_ON_DISK = 'D';
  private static final int LENGTH_BYTES = Integer.BYTES;

  private final KeeperProcess process;
  private final NamelessFile record;

  private NamespaceKeeper(KeeperProcess process, NamelessFile record) {
    this.process = process;
    this.record = record;
  }

  /** Begins, with nothing to keep yet. */
  static NamespaceKeeper start(HostContext host, OwnNames names) {
    try {
      KeeperProcess process = host.commands().call(() -> KeeperProcess.start(names.namespace()));
      NamelessFile record = NamelessFile.inMemory("holdfast-record");
      process.queue().put(RECORD, List.of(record.descriptor()));
      return new NamespaceKeeper(process, record);
    } catch (KernelException e) {
      throw new TakeoverException(
          Code.UNSUPPORTED_HOST,
          "this host cannot keep connections while holdfastd is restarted: " + e.getMessage(),
          e);
    }
  }

  /** From now on this file is kept. */
  void keepSpoolInMemory(NamelessFile file) {
    process.queue().put(SPOOL_IN_MEMORY, List.of(file.descriptor()));
  }

  /** From now on this file is kept. */
  void keepSpoolOnDisk(NamelessFile file) {
    process.queue().put(SPOOL_ON_DISK, List.of(file.descriptor()));
  }

  /**
   * From now on all of it is kept.
   *
   * @param copies descriptors, in the order in which {@code what} speaks of them
   */
  void keep(List<Integer> copies, KeptNamespace what) {
    process.queue().put(COPIES, copies);
    byte[] bytes = what.toByteArray();
    try {
      write(ByteBuffer.wrap(bytes), LENGTH_BYTES);
      write(ByteBuffer.allocate(LENGTH_BYTES).putInt(bytes.length).flip(), 0);
    } catch (IOException e) {
      throw new TakeoverException(
          Code.NAMESPACE_FAILED, "what is held could not be noted for the next daemon", e);
    }
  }

  /** Everything of {@link #keep} once, so that nothing there happens for the first time. */
  void rehearse(KeptNamespace what) {
    try {
      write(ByteBuffer.wrap(what.toByteArray()), LENGTH_BYTES);
      write(ByteBuffer.allocate(LENGTH_BYTES), 0);
    } catch (IOException e) {
      throw new TakeoverException(Code.NAMESPACE_FAILED, "nothing can be kept", e);
    }
  }

  private void write(ByteBuffer bytes, long offset) throws IOException {
    FileChannel channel = record.channel();
    long next = offset;
    while (bytes.hasRemaining()) {
      next += channel.write(bytes, next);
    }
  }

  /**
   * What was found in the care of a process.
   *
   * @param keeper of it from now on
   */
  record Found(
      NamespaceKeeper keeper,
      KeptNamespace what,
      List<Integer> copies,
      List<NamelessFile> spoolInMemory,
      List<NamelessFile> spoolOnDisk) {

    void close() {
      copies.forEach(Descriptors::close);
      spoolInMemory.forEach(NamelessFile::close);
      spoolOnDisk.forEach(NamelessFile::close);
      keeper.record.close();
    }
  }

  /**
   * Reads what a process keeps.
   *
   * @throws IOException there is no whole record: nothing was held yet
   */
  static Found find(KeeperProcess process) throws IOException {
    List<DescriptorQueue.Parcel> parcels = process.queue().peek();
    try {
      List<Integer> records = all(parcels, RECORD);
      if (records.isEmpty()) {
        throw new IOException("nothing is recorded there");
      }
      NamelessFile record = NamelessFile.adopt(records.get(0));
      KeptNamespace what = read(record.channel());
      return new Found(
          new NamespaceKeeper(process, record),
          what,
          all(parcels, COPIES),
          all(parcels, SPOOL_IN_MEMORY).stream().map(NamelessFile::adopt).toList(),
          all(parcels, SPOOL_ON_DISK).stream().map(NamelessFile::adopt).toList());
    } catch (IOException e) {
      parcels.forEach(parcel -> parcel.descriptors().forEach(Descriptors::close));
      throw e;
    }
  }

  private static List<Integer> all(List<DescriptorQueue.Parcel> parcels, char label) {
    return parcels.stream()
        .filter(parcel -> parcel.label() == label)
        .flatMap(parcel -> parcel.descriptors().stream())
        .toList();
  }

  private static KeptNamespace read(FileChannel channel) throws IOException {
    ByteBuffer all = ByteBuffer.allocate((int) channel.size());
    while (all.hasRemaining() && channel.read(all, all.position()) > 0) {
      // a file may give less than it was asked for
    }
    all.flip();
    int length = all.remaining() < LENGTH_BYTES ? 0 : all.getInt();
    if (length <= 0 || length > all.remaining()) {
      throw new IOException("the takeover was not complete");
    }
    KeptNamespace what = KeptNamespace.parseFrom(all.slice(LENGTH_BYTES, length));
    if (what.getFormat() != KeptRecord.FORMAT) {
      throw new IOException("it was kept by a holdfastd of another kind: " + what.getFormat());
    }
    return what;
  }

  /** Nothing is kept any more; returns when the process is gone. */
  @Override
  public void close() {
    process.close();
    record.close();
  }
}
