package org.holdfast.linux;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Waits for several descriptors at once: poll(2). For one thread. */
public final class PollSet {
  private static final int POLLIN = 0x1;
  private static final int POLLOUT = 0x4;
  private static final int POLLERR = 0x8;
  private static final int POLLHUP = 0x10;
  private static final int POLLRDHUP = 0x2000;
  private static final int ENTRY_BYTES = 8;

  private final int[] descriptors;
  private final NativeBuffer entries;

  /** A set of the given descriptors; they are spoken of by their place in this list, from 0. */
  public PollSet(int... descriptors) {
    this.descriptors = descriptors.clone();
    this.entries = new NativeBuffer(Math.max(1, descriptors.length) * ENTRY_BYTES);
    for (int i = 0; i < descriptors.length; i++) {
      watch(i, true, false);
    }
  }

  /** What is waited for at place {@code index}; hanging up and errors are seen in any case. */
  public void watch(int index, boolean reading, boolean writing) {
    ByteBuffer buffer = entries.buffer();
    buffer.putInt(index * ENTRY_BYTES, descriptors[index]);
    int events = (reading ? POLLIN | POLLRDHUP : 0) | (writing ? POLLOUT : 0);
    buffer.putShort(index * ENTRY_BYTES + 4, (short) events);
  }

  /**
   * Waits until something has happened at one descriptor at least.
   *
   * @param timeout rounded up to milliseconds; negative waits for ever
   * @return how many descriptors have something to say; 0 after the timeout or an interruption by a
   *     signal
   */
  public int await(Duration timeout) {
    ByteBuffer buffer = entries.buffer();
    for (int i = 0; i < descriptors.length; i++) {
      buffer.putShort(i * ENTRY_BYTES + 6, (short) 0);
    }
    long millis = timeout.isNegative() ? -1 : timeout.plusNanos(999_999).toMillis();
    try {
      return Libc.poll(
          entries.address(), descriptors.length, (int) Math.min(millis, Integer.MAX_VALUE));
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.EINTR) {
        return 0;
      }
      throw new KernelException("poll", e);
    }
  }

  /** What the last {@link #await} saw at place {@code index}. */
  public Readiness readiness(int index) {
    int events = entries.buffer().getShort(index * ENTRY_BYTES + 6);
    return new Readiness(
        (events & POLLIN) != 0,
        (events & POLLOUT) != 0,
        (events & POLLHUP) != 0,
        (events & POLLRDHUP) != 0,
        (events & POLLERR) != 0);
  }

  /**
   * The state of one descriptor.
   *
   * @param hangUp POLLHUP: of a virtio port, the host side is closed
   * @param readHangUp POLLRDHUP: of a socket, no more data will come
   */
  public record Readiness(
      boolean readable, boolean writable, boolean hangUp, boolean readHangUp, boolean error) {}
}
