package org.holdfast.linux;

import com.sun.jna.LastErrorException;

/** How urgently the kernel runs the calling thread (sched(7)). */
public final class Scheduling {
  private static final int SCHED_OTHER = 0;
  private static final int SCHED_FIFO = 1;
  private static final int CALLING_THREAD = 0;

  /** Above everything ordinary, below everything else that is in real time. */
  private static final int LOWEST_REAL_TIME = 1;

  private Scheduling() {}

  /**
   * Runs the calling thread before all ordinary ones whenever it can run.
   *
   * @throws KernelException EPERM without CAP_SYS_NICE
   */
  public static void realTime() {
    set(SCHED_FIFO, LOWEST_REAL_TIME);
  }

  /**
   * Makes the calling thread an ordinary one again.
   *
   * @throws KernelException if the kernel refuses
   */
  public static void ordinary() {
    set(SCHED_OTHER, 0);
  }

  private static void set(int policy, int priority) {
    NativeBuffer param = new NativeBuffer(Integer.BYTES); // struct sched_param
    param.buffer().putInt(0, priority);
    try {
      Libc.sched_setscheduler(CALLING_THREAD, policy, param.address());
    } catch (LastErrorException e) {
      throw new KernelException("sched_setscheduler " + policy, e);
    } finally {
      param.keep();
    }
  }
}
