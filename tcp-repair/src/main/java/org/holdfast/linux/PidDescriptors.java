package org.holdfast.linux;

import com.sun.jna.LastErrorException;

/**
 * Another process's file descriptors, through a pidfd (Linux 5.6, pidfd_getfd(2)). Needs
 * CAP_SYS_PTRACE over that process.
 */
public final class PidDescriptors implements AutoCloseable {
  private final int processId;
  private final int pidDescriptor;

  private PidDescriptors(int processId, int pidDescriptor) {
    this.processId = processId;
    this.pidDescriptor = pidDescriptor;
  }

  /**
   * @param processId of the process (its thread group leader)
   * @throws KernelException ESRCH if there is no such process
   */
  public static PidDescriptors open(int processId) {
    try {
      return new PidDescriptors(
          processId, (int) Libc.syscall(LinuxConstants.SYS_PIDFD_OPEN, processId, 0, 0));
    } catch (LastErrorException e) {
      throw new KernelException("pidfd_open " + processId, e);
    }
  }

  /**
   * Duplicates a descriptor of that process into this one. Both speak of the same open file; this
   * one closes on exec.
   *
   * @return the number here
   * @throws KernelException EBADF if that process has none such, EPERM without the right, ESRCH if
   *     it has ended
   */
  public int duplicate(int descriptor) {
    try {
      return (int) Libc.syscall(LinuxConstants.SYS_PIDFD_GETFD, pidDescriptor, descriptor, 0);
    } catch (LastErrorException e) {
      throw new KernelException("pidfd_getfd " + descriptor + " of process " + processId, e);
    }
  }

  @Override
  public void close() {
    Descriptors.close(pidDescriptor);
  }
}
