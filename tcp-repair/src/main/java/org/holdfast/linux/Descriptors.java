package org.holdfast.linux;

import com.sun.jna.LastErrorException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/** Calls on file descriptors of this process. */
public final class Descriptors {
  /** FD_SETSIZE (sys/select.h). */
  private static final int FIRST_HIGH_NUMBER = 1024;

  /** Other threads open some in the same moment. */
  private static final int SPARE = 16;

  private Descriptors() {}

  /**
   * Closes a descriptor. A descriptor that is not open is a defect of the caller.
   *
   * @throws KernelException EBADF
   */
  public static void close(int descriptor) {
    try {
      Libc.close(descriptor);
    } catch (LastErrorException e) {
      // Linux has freed the descriptor even where close was interrupted (close(2), NOTES).
      if (e.getErrorCode() != Errno.EINTR) {
        throw new KernelException("close descriptor " + descriptor, e);
      }
    }
  }

  /**
   * Gives a descriptor a high number, and leaves the low ones to those who need them: libnftables
   * waits with select(2), which ends the process at numbers from 1024 on.
   *
   * @return the number it has now; the old one if the process may have no such number
   */
  static int moveUp(int descriptor) {
    int moved;
    try {
      moved = Libc.fcntl(descriptor, LinuxConstants.F_DUPFD_CLOEXEC, FIRST_HIGH_NUMBER);
    } catch (LastErrorException e) {
      return descriptor;
    }
    close(descriptor);
    return moved;
  }

  /** Whether the next descriptor would have a number that select(2) takes, with some to spare. */
  static boolean isLowOneFree() {
    int next;
    try {
      next = Libc.fcntl(0, LinuxConstants.F_DUPFD_CLOEXEC, 0);
    } catch (LastErrorException e) {
      return e.getErrorCode() != Errno.EMFILE;
    }
    close(next);
    return next < FIRST_HIGH_NUMBER - SPARE;
  }

  /**
   * Reads once into {@code into}, which may be direct or not, and moves its position.
   *
   * @return bytes read, 0 at the end of the file (a virtio port whose host side is closed says 0
   *     too), -1 if the descriptor is non-blocking and nothing is there
   * @throws KernelException whatever else the kernel says
   */
  public static int read(int descriptor, ByteBuffer into) {
    ByteBuffer direct = into.isDirect() ? into : ByteBuffer.allocateDirect(into.remaining());
    int count;
    try {
      count =
          (int)
              Libc.read(
                  descriptor,
                  NativeBuffer.addressOf(direct, direct.position()),
                  direct.remaining());
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.EAGAIN || e.getErrorCode() == Errno.EINTR) {
        return -1;
      }
      throw new KernelException("read descriptor " + descriptor, e);
    }
    if (direct == into) {
      into.position(into.position() + count);
    } else {
      into.put(direct.limit(count));
    }
    return count;
  }

  /**
   * Writes once from {@code from}, which may be direct or not, and moves its position.
   *
   * @return bytes written, -1 if the descriptor is non-blocking and takes nothing now
   * @throws KernelException whatever else the kernel says
   */
  public static int write(int descriptor, ByteBuffer from) {
    ByteBuffer direct = from;
    if (!from.isDirect()) {
      direct = ByteBuffer.allocateDirect(from.remaining()).put(from.duplicate()).flip();
    }
    int count;
    try {
      count =
          (int)
              Libc.write(
                  descriptor,
                  NativeBuffer.addressOf(direct, direct.position()),
                  direct.remaining());
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.EAGAIN || e.getErrorCode() == Errno.EINTR) {
        return -1;
      }
      throw new KernelException("write descriptor " + descriptor, e);
    }
    from.position(from.position() + count);
    Reference.reachabilityFence(direct);
    return count;
  }
}
