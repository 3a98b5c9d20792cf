package org.holdfast.linux;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * A file without a name, in memory or on disk: it is gone when the last descriptor of it is closed.
 * Only this process's user could ever read it. Safe for use by several threads.
 */
public final class NamelessFile implements AutoCloseable {
  private static final int OWNER_ONLY = 0600;

  private final int descriptor;
  private final FileChannel channel;

  private NamelessFile(int descriptor, FileChannel channel) {
    this.descriptor = descriptor;
    this.channel = channel;
  }

  /**
   * One in memory: memfd_create(2).
   *
   * @param label shown in /proc
   * @throws KernelException if the process has too many descriptors open
   */
  public static NamelessFile inMemory(String label) {
    try {
      return adopt(Descriptors.moveUp(Libc.memfd_create(label, LinuxConstants.MFD_CLOEXEC)));
    } catch (LastErrorException e) {
      throw new KernelException("make a file in memory", e);
    }
  }

  /**
   * One on disk.
   *
   * @param directory that exists
   * @throws IOException if the file system refuses
   */
  public static NamelessFile onDisk(Path directory) throws IOException {
    Path name = directory.resolve("nameless-" + UUID.randomUUID());
    int descriptor;
    try {
      descriptor =
          Libc.open(
              name.toString(),
              LinuxConstants.O_RDWR
                  | LinuxConstants.O_CREAT
                  | LinuxConstants.O_EXCL
                  | LinuxConstants.O_CLOEXEC,
              OWNER_ONLY);
    } catch (LastErrorException e) {
      throw new IOException("create a file in " + directory + ": " + e.getMessage(), e);
    }
    Files.delete(name);
    return adopt(Descriptors.moveUp(descriptor));
  }

  /**
   * One that somebody else has made.
   *
   * @param descriptor of it; belongs to the answer now
   */
  public static NamelessFile adopt(int descriptor) {
    try {
      // The JDK makes no channel of a descriptor; opened anew it has a position of its own.
      return new NamelessFile(
          descriptor,
          FileChannel.open(
              Path.of("/proc/self/fd", Integer.toString(descriptor)),
              StandardOpenOption.READ,
              StandardOpenOption.WRITE));
    } catch (IOException e) {
      Descriptors.close(descriptor);
      throw new UncheckedIOException("open a nameless file", e);
    }
  }

  /** For {@link DescriptorQueue}. */
  public int descriptor() {
    return descriptor;
  }

  /** To read and write it. */
  public FileChannel channel() {
    return channel;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("close a nameless file", e);
    } finally {
      Descriptors.close(descriptor);
    }
  }
}
