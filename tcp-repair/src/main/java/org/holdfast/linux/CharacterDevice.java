package org.holdfast.linux;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * An open character device, such as a virtio-serial port. Non-blocking: wait with {@link PollSet},
 * which also shows that the host side has hung up.
 */
public final class CharacterDevice implements AutoCloseable {
  private final int descriptor;

  private CharacterDevice(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Opens a device for reading and writing, non-blocking, not inherited by child processes.
   *
   * @throws KernelException ENOENT if there is none, EBUSY if another process has the port open
   */
  public static CharacterDevice open(Path path) {
    try {
      return new CharacterDevice(
          Libc.open(
              path.toString(),
              LinuxConstants.O_RDWR | LinuxConstants.O_NONBLOCK | LinuxConstants.O_CLOEXEC,
              0));
    } catch (LastErrorException e) {
      throw new KernelException("open " + path, e);
    }
  }

  /** For {@link PollSet}. */
  public int descriptor() {
    return descriptor;
  }

  /** As {@link Descriptors#read}. */
  public int read(ByteBuffer into) {
    return Descriptors.read(descriptor, into);
  }

  /** As {@link Descriptors#write}. */
  public int write(ByteBuffer from) {
    return Descriptors.write(descriptor, from);
  }

  @Override
  public void close() {
    Descriptors.close(descriptor);
  }
}
