package org.holdfast.linux;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Descriptors that wait in the queue of a Unix socket (unix(7), SCM_RIGHTS). What they stand for
 * stays open as long as anybody has that socket open, be it a process that knows nothing of them.
 *
 * <p>They are looked at with MSG_PEEK, which gives the reader duplicates and leaves the queue as it
 * is: nothing that fails halfway loses any. Not safe for use by several threads at once.
 */
public final class DescriptorQueue implements AutoCloseable {
  /** SCM_MAX_FD (include/net/scm.h). */
  private static final int MOST_IN_ONE_MESSAGE = 253;

  /** Room for messages of that size for more copies than a process may have descriptors. */
  private static final int QUEUE_BYTES = 16 << 20;

  // struct msghdr, iovec and cmsghdr where long has 64 bits
  private static final int VECTOR = 56;
  private static final int PAYLOAD = VECTOR + 16;
  private static final int CONTROL = PAYLOAD + 8;
  private static final int CONTROL_HEADER_BYTES = 16;
  private static final int CONTROL_BYTES = CONTROL_HEADER_BYTES + MOST_IN_ONE_MESSAGE * 4 + 4;

  private final int reading;
  private final int writing;
  private final NativeBuffer message = new NativeBuffer(CONTROL + CONTROL_BYTES);

  DescriptorQueue(int reading, int writing) {
    this.reading = reading;
    this.writing = writing;
  }

  /**
   * Descriptors that were put in together.
   *
   * @param label a word of the caller's
   */
  public record Parcel(char label, List<Integer> descriptors) {}

  /**
   * An empty one.
   *
   * @throws KernelException if the process has too many descriptors open
   */
  public static DescriptorQueue create() {
    NativeBuffer pair = new NativeBuffer(8);
    try {
      Libc.socketpair(
          LinuxConstants.AF_UNIX,
          LinuxConstants.SOCK_STREAM | LinuxConstants.SOCK_CLOEXEC,
          0,
          pair.address());
    } catch (LastErrorException e) {
      throw new KernelException("make a pair of Unix sockets", e);
    }
    DescriptorQueue queue =
        new DescriptorQueue(
            Descriptors.moveUp(pair.buffer().getInt(0)),
            Descriptors.moveUp(pair.buffer().getInt(4)));
    SocketOptions.forceSendBuffer(queue.writing, QUEUE_BYTES);
    return queue;
  }

  /** The end that {@link #peek} looks at. */
  int reading() {
    return reading;
  }

  /** The end that {@link #put} writes to. */
  int writing() {
    return writing;
  }

  /**
   * Puts duplicates of descriptors in; the caller's own stay open.
   *
   * @param label an ASCII character
   * @throws KernelException EAGAIN if the queue is full, ETOOMANYREFS without CAP_SYS_RESOURCE
   */
  public void put(char label, List<Integer> descriptors) {
    for (int from = 0; from < descriptors.size(); from += MOST_IN_ONE_MESSAGE) {
      int to = Math.min(from + MOST_IN_ONE_MESSAGE, descriptors.size());
      putTogether(label, descriptors.subList(from, to));
    }
  }

  private void putTogether(char label, List<Integer> descriptors) {
    int dataBytes = CONTROL_HEADER_BYTES + descriptors.size() * Integer.BYTES;
    ByteBuffer memory = prepare(dataBytes);
    memory.put(PAYLOAD, (byte) label);
    memory.putLong(CONTROL, dataBytes);
    memory.putInt(CONTROL + 8, LinuxConstants.SOL_SOCKET);
    memory.putInt(CONTROL + 12, LinuxConstants.SCM_RIGHTS);
    for (int i = 0; i < descriptors.size(); i++) {
      memory.putInt(CONTROL + CONTROL_HEADER_BYTES + i * Integer.BYTES, descriptors.get(i));
    }
    try {
      Libc.sendmsg(
          writing, message.address(), LinuxConstants.MSG_DONTWAIT | LinuxConstants.MSG_NOSIGNAL);
    } catch (LastErrorException e) {
      throw new KernelException("put descriptors into a queue", e);
    } finally {
      message.keep();
    }
  }

  /** A message of one byte, with room for so much beside it. */
  private ByteBuffer prepare(int controlBytes) {
    ByteBuffer memory = message.buffer();
    memory.putLong(0, 0).putLong(8, 0);
    memory.putLong(16, message.address() + VECTOR).putLong(24, 1);
    memory.putLong(32, message.address() + CONTROL).putLong(40, controlBytes);
    memory.putLong(48, 0);
    memory.putLong(VECTOR, message.address() + PAYLOAD).putLong(VECTOR + 8, 1);
    return memory;
  }

  /**
   * Duplicates all that wait, in the order in which they were put in; they stay in the queue. The
   * numbers are high ones, see {@link Descriptors#moveUp}, and close on exec.
   *
   * @throws KernelException EMFILE if they are more than this process may have open
   */
  public List<Parcel> peek() {
    List<Parcel> parcels = new ArrayList<>();
    // From the beginning; each look then moves on by what it saw.
    SocketOptions.set(reading, LinuxConstants.SOL_SOCKET, LinuxConstants.SO_PEEK_OFF, 0);
    while (peekNext()) {
      parcels.add(new Parcel((char) message.buffer().get(PAYLOAD), received()));
    }
    return parcels;
  }

  private boolean peekNext() {
    prepare(CONTROL_BYTES);
    try {
      long bytes =
          Libc.recvmsg(
              reading,
              message.address(),
              LinuxConstants.MSG_PEEK
                  | LinuxConstants.MSG_DONTWAIT
                  | LinuxConstants.MSG_CMSG_CLOEXEC);
      return bytes > 0;
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.EAGAIN) {
        return false;
      }
      throw new KernelException("look at a queue of descriptors", e);
    } finally {
      message.keep();
    }
  }

  private List<Integer> received() {
    ByteBuffer memory = message.buffer();
    List<Integer> descriptors = new ArrayList<>();
    if (memory.getLong(40) >= CONTROL_HEADER_BYTES) {
      long dataBytes = memory.getLong(CONTROL) - CONTROL_HEADER_BYTES;
      for (int i = 0; i < dataBytes / Integer.BYTES; i++) {
        int received = memory.getInt(CONTROL + CONTROL_HEADER_BYTES + i * Integer.BYTES);
        descriptors.add(Descriptors.moveUp(received));
      }
    }
    return descriptors;
  }

  @Override
  public void close() {
    Descriptors.close(reading);
    Descriptors.close(writing);
  }
}
