package org.holdfast.linux;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Waits for any of many TCP sockets to have received much: epoll(7), level-triggered. Sockets are
 * spoken of by a number of the caller's. Waiting and watching may happen on different threads.
 */
public final class EventPoll implements AutoCloseable {
  private static final int EPOLL_CLOEXEC = 0x80000;
  private static final int EPOLL_CTL_ADD = 1;
  private static final int EPOLL_CTL_DEL = 2;
  private static final int EPOLLIN = 0x1;
  private static final int EPOLLERR = 0x8;
  private static final int EPOLLHUP = 0x10;
  private static final int EPOLLRDHUP = 0x2000;
  private static final int MOST_EVENTS = 64;

  /** struct epoll_event is packed on x86-64 alone (linux/eventpoll.h). */
  private static final boolean PACKED = "amd64".equals(System.getProperty("os.arch"));

  private static final int DATA_OFFSET = PACKED ? 4 : 8;
  private static final int EVENT_BYTES = DATA_OFFSET + 8;

  private final int descriptor;
  private final NativeBuffer events = new NativeBuffer(MOST_EVENTS * EVENT_BYTES);

  /**
   * @throws KernelException if the process has too many descriptors open
   */
  public EventPoll() {
    try {
      descriptor = Descriptors.moveUp(Libc.epoll_create1(EPOLL_CLOEXEC));
    } catch (LastErrorException e) {
      throw new KernelException("make an epoll set", e);
    }
  }

  /**
   * Begins to watch a socket. It is ready when so many bytes wait in its receive queue, when the
   * kernel runs short of memory for it, or when nothing more will come.
   *
   * @param lowWaterBytes at most half of the socket's receive buffer counts
   */
  public void watch(int socket, int number, int lowWaterBytes) {
    SocketOptions.set(socket, LinuxConstants.SOL_SOCKET, LinuxConstants.SO_RCVLOWAT, lowWaterBytes);
    NativeBuffer event = new NativeBuffer(EVENT_BYTES);
    event.buffer().putInt(0, EPOLLIN | EPOLLRDHUP).putLong(DATA_OFFSET, number);
    control(EPOLL_CTL_ADD, socket, event);
  }

  /** Watches a socket no longer. */
  public void forget(int socket) {
    control(EPOLL_CTL_DEL, socket, new NativeBuffer(EVENT_BYTES));
  }

  private void control(int operation, int socket, NativeBuffer event) {
    try {
      Libc.epoll_ctl(descriptor, operation, socket, event.address());
    } catch (LastErrorException e) {
      throw new KernelException("change an epoll set", e);
    } finally {
      event.keep();
    }
  }

  /**
   * Waits until a socket is ready.
   *
   * @param bound rounded down to milliseconds
   * @return how many are; 0 after the bound or an interruption by a signal
   */
  public int await(Duration bound) {
    try {
      return Libc.epoll_wait(descriptor, events.address(), MOST_EVENTS, (int) bound.toMillis());
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.EINTR) {
        return 0;
      }
      throw new KernelException("wait for an epoll set", e);
    }
  }

  /** The number of the socket that the last {@link #await} found ready as its {@code i}-th. */
  public int number(int i) {
    return (int) events.buffer().getLong(i * EVENT_BYTES + DATA_OFFSET);
  }

  /** Whether nothing more will come from that socket: its peer said FIN or RST. */
  public boolean hasEnded(int i) {
    ByteBuffer buffer = events.buffer();
    return (buffer.getInt(i * EVENT_BYTES) & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  }

  @Override
  public void close() {
    Descriptors.close(descriptor);
  }
}
