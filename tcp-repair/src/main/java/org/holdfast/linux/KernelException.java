package org.holdfast.linux;

import com.sun.jna.LastErrorException;

/** The kernel refused a call; says which, why, and with what number. */
public final class KernelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /**
   * @param operation what was attempted, with its arguments, e.g. "setns /run/netns/vm1"
   * @param errno the kernel's answer, see {@link Errno}
   */
  public KernelException(String operation, int errno) {
    super(operation + ": " + Errno.text(errno) + " (errno " + errno + ")");
    this.errno = errno;
  }

  KernelException(String operation, LastErrorException cause) {
    this(operation, cause.getErrorCode());
  }

  /** The kernel's answer, see {@link Errno}. */
  public int errno() {
    return errno;
  }
}
