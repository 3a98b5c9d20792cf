package org.holdfast.tcp;

/** A TCP_REPAIR operation failed; says which, with the kernel's errno. */
public class TcpRepairException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /**
   * @param operation what was attempted, e.g. "bind 10.0.0.1:80"
   * @param errno the kernel's answer, 0 if it was not the kernel that refused
   * @param explanation what it means and what to do
   */
  public TcpRepairException(String operation, int errno, String explanation) {
    super(operation + ": " + explanation + (errno == 0 ? "" : " (errno " + errno + ")"));
    this.errno = errno;
  }

  /** The kernel's errno, 0 if it was not the kernel that refused. */
  public int errno() {
    return errno;
  }
}
