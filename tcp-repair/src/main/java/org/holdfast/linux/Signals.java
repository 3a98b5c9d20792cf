package org.holdfast.linux;

import com.sun.jna.LastErrorException;

/** Stop and continue processes: kill(2). */
public final class Signals {
  private Signals() {}

  /**
   * SIGSTOP. Acts after the call returns: wait until every thread stands before touching what it
   * owns.
   *
   * @throws KernelException ESRCH if there is no such process
   */
  public static void stop(int processId) {
    send(processId, LinuxConstants.SIGSTOP);
  }

  /**
   * SIGCONT.
   *
   * @throws KernelException ESRCH if there is no such process
   */
  public static void resume(int processId) {
    send(processId, LinuxConstants.SIGCONT);
  }

  private static void send(int processId, int signal) {
    if (processId <= 1) {
      // kill(2) takes 0 and negative numbers for groups, -1 for every process there is.
      throw new IllegalArgumentException("not the number of a process to stop: " + processId);
    }
    try {
      Libc.kill(processId, signal);
    } catch (LastErrorException e) {
      throw new KernelException("signal " + signal + " to process " + processId, e);
    }
  }
}
