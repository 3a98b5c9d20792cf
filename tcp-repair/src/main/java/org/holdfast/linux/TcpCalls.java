package org.holdfast.linux;

import static org.holdfast.linux.LinuxConstants.IPPROTO_TCP;
import static org.holdfast.linux.LinuxConstants.SOL_SOCKET;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.holdfast.tcp.TcpRepairException;
import org.holdfast.tcp.TcpState;
import org.holdfast.tcp.TcpWindow;

/**
 * The system calls a repair is made of, one method each, with memory prepared once per thread: a
 * connection costs some twenty of them, and they are all there is to its cost.
 */
final class TcpCalls {
  /** Poll result bits that matter here (asm-generic/poll.h). */
  static final int POLLPRI = 0x2;

  static final int POLLRDHUP = 0x2000;

  /** How much of struct tcp_info is read: up to tcpi_notsent_bytes (Linux 4.6). */
  private static final int INFO_BYTES = 148;

  /**
   * struct tcp_repair_window as it was born; newer kernels know a longer one and refuse it less.
   */
  private static final int WINDOW_BYTES = 20;

  private static final int CONGESTION_NAME_BYTES = 16;
  private static final int LENGTH_OFFSET = 512;
  private static final int ADDRESS_OFFSET = 520;
  private static final int POLL_OFFSET = 560;
  private static final int CHUNK_BYTES = 1 << 16;
  private static final int SMALLEST_CHUNK_BYTES = 256;

  private static final Set<Integer> LACKING = ConcurrentHashMap.newKeySet();

  private static final ThreadLocal<TcpCalls> OF_THREAD = ThreadLocal.withInitial(TcpCalls::new);

  private final NativeBuffer scratch = new NativeBuffer(1024);
  private final ByteBuffer memory = scratch.buffer();
  private final long value = scratch.address();
  private final long length = value + LENGTH_OFFSET;
  private final long address = value + ADDRESS_OFFSET;
  private final long pollEntry = value + POLL_OFFSET;
  private final NativeBuffer chunk = new NativeBuffer(CHUNK_BYTES);

  private TcpCalls() {}

  static TcpCalls ofThread() {
    return OF_THREAD.get();
  }

  int get(int descriptor, int level, int option) {
    memory.putInt(LENGTH_OFFSET, Integer.BYTES);
    try {
      Libc.getsockopt(descriptor, level, option, value, length);
    } catch (LastErrorException e) {
      throw refused("read socket option " + level + "/" + option, e);
    }
    return memory.getInt(0);
  }

  void set(int descriptor, int level, int option, int number) {
    memory.putInt(0, number);
    try {
      Libc.setsockopt(descriptor, level, option, value, Integer.BYTES);
    } catch (LastErrorException e) {
      throw refused("set socket option " + level + "/" + option + " to " + number, e);
    }
  }

  int getTcp(int descriptor, int option) {
    return get(descriptor, IPPROTO_TCP, option);
  }

  void setTcp(int descriptor, int option, int number) {
    set(descriptor, IPPROTO_TCP, option, number);
  }

  int getSocket(int descriptor, int option) {
    return get(descriptor, SOL_SOCKET, option);
  }

  void setSocket(int descriptor, int option, int number) {
    set(descriptor, SOL_SOCKET, option, number);
  }

  /** An option that older kernels lack: {@code missing} where this one does, found out once. */
  int getSocketOr(int descriptor, int option, int missing) {
    if (LACKING.contains(option)) {
      return missing;
    }
    try {
      return getSocket(descriptor, option);
    } catch (TcpRepairException e) {
      if (e.errno() == Errno.ENOPROTOOPT || e.errno() == Errno.EOPNOTSUPP) {
        LACKING.add(option);
        return missing;
      }
      throw e;
    }
  }

  int ioctl(int descriptor, int request) {
    try {
      Libc.ioctl(descriptor, request, value);
    } catch (LastErrorException e) {
      throw refused("read queue length", e);
    }
    return memory.getInt(0);
  }

  /** struct tcp_info, valid until the next call of this object. */
  TcpInfo info(int descriptor) {
    memory.putInt(LENGTH_OFFSET, INFO_BYTES);
    try {
      Libc.getsockopt(descriptor, IPPROTO_TCP, LinuxConstants.TCP_INFO, value, length);
    } catch (LastErrorException e) {
      throw refused("read TCP_INFO", e);
    }
    return TcpInfo.read(memory);
  }

  TcpWindow window(int descriptor) {
    memory.putInt(LENGTH_OFFSET, WINDOW_BYTES);
    try {
      Libc.getsockopt(descriptor, IPPROTO_TCP, LinuxConstants.TCP_REPAIR_WINDOW, value, length);
    } catch (LastErrorException e) {
      throw refused("read TCP_REPAIR_WINDOW", e);
    }
    return new TcpWindow(
        memory.getInt(0), memory.getInt(4), memory.getInt(8), memory.getInt(12), memory.getInt(16));
  }

  void setWindow(int descriptor, TcpWindow window) {
    memory.putInt(0, window.sendWl1()).putInt(4, window.sendWindow());
    memory.putInt(8, window.maxWindow()).putInt(12, window.receiveWindow());
    memory.putInt(16, window.receiveWindowUpdate());
    try {
      Libc.setsockopt(
          descriptor, IPPROTO_TCP, LinuxConstants.TCP_REPAIR_WINDOW, value, WINDOW_BYTES);
    } catch (LastErrorException e) {
      throw refused("set TCP_REPAIR_WINDOW to " + window, e);
    }
  }

  String congestionControl(int descriptor) {
    memory.putInt(LENGTH_OFFSET, CONGESTION_NAME_BYTES);
    try {
      Libc.getsockopt(descriptor, IPPROTO_TCP, LinuxConstants.TCP_CONGESTION, value, length);
    } catch (LastErrorException e) {
      throw refused("read TCP_CONGESTION", e);
    }
    return CongestionNames.read(memory, CONGESTION_NAME_BYTES);
  }

  /** Whether the kernel has that algorithm. */
  boolean setCongestionControl(int descriptor, String name) {
    for (int i = 0; i < name.length(); i++) {
      memory.put(i, (byte) name.charAt(i));
    }
    try {
      Libc.setsockopt(descriptor, IPPROTO_TCP, LinuxConstants.TCP_CONGESTION, value, name.length());
      return true;
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.ENOENT || e.getErrorCode() == Errno.EPERM) {
        return false;
      }
      throw refused("set TCP_CONGESTION to " + name, e);
    }
  }

  /** TCP_REPAIR_OPTIONS: pairs of a TCP option's kind and its value. */
  void setRepairOptions(int descriptor, int... kindsAndValues) {
    for (int i = 0; i < kindsAndValues.length; i++) {
      memory.putInt(i * Integer.BYTES, kindsAndValues[i]);
    }
    try {
      Libc.setsockopt(
          descriptor,
          IPPROTO_TCP,
          LinuxConstants.TCP_REPAIR_OPTIONS,
          value,
          kindsAndValues.length * Integer.BYTES);
    } catch (LastErrorException e) {
      throw refused("set TCP_REPAIR_OPTIONS", e);
    }
  }

  InetSocketAddress localAddress(int descriptor) {
    memory.putInt(LENGTH_OFFSET, SocketAddresses.MAXIMUM_BYTES);
    try {
      Libc.getsockname(descriptor, address, length);
    } catch (LastErrorException e) {
      throw refused("read local address", e);
    }
    return SocketAddresses.read(memory, ADDRESS_OFFSET);
  }

  InetSocketAddress peerAddress(int descriptor) {
    memory.putInt(LENGTH_OFFSET, SocketAddresses.MAXIMUM_BYTES);
    try {
      Libc.getpeername(descriptor, address, length);
    } catch (LastErrorException e) {
      throw refused("read peer address", e);
    }
    return SocketAddresses.read(memory, ADDRESS_OFFSET);
  }

  /** Whether the last address that was read came from an AF_INET6 socket. */
  boolean lastAddressWasInet6() {
    return memory.getShort(ADDRESS_OFFSET) == LinuxConstants.AF_INET6;
  }

  /**
   * Gives a socket its address.
   *
   * @return whether it has it now; else it has a port already (EINVAL)
   */
  boolean bind(int descriptor, InetSocketAddress local, boolean inet6) {
    int bytes = SocketAddresses.write(memory, ADDRESS_OFFSET, local, inet6);
    if (LibcAnswers.bind(descriptor, address, bytes) == 0) {
      return true;
    }
    int errno = Native.getLastError();
    if (errno == Errno.EINVAL) {
      return false;
    }
    throw new TcpRepairException("bind " + local, errno, Refusals.explain(errno));
  }

  void connect(int descriptor, InetSocketAddress peer, boolean inet6) {
    int bytes = SocketAddresses.write(memory, ADDRESS_OFFSET, peer, inet6);
    try {
      Libc.connect(descriptor, address, bytes);
    } catch (LastErrorException e) {
      throw refused("connect " + peer, e);
    }
  }

  /** connect to AF_UNSPEC: back to CLOSE; silent in repair. */
  void disconnect(int descriptor) {
    memory.putLong(ADDRESS_OFFSET, LinuxConstants.AF_UNSPEC).putLong(ADDRESS_OFFSET + 8, 0);
    try {
      Libc.connect(descriptor, address, 16);
    } catch (LastErrorException e) {
      throw refused("disconnect", e);
    }
  }

  void shutdown(int descriptor, int how) {
    try {
      Libc.shutdown(descriptor, how);
    } catch (LastErrorException e) {
      throw refused("shut down " + (how == LinuxConstants.SHUT_WR ? "sending" : "receiving"), e);
    }
  }

  /** What poll(2) says now of {@code events}; does not wait. */
  int poll(int descriptor, int events) {
    memory.putInt(POLL_OFFSET, descriptor).putShort(POLL_OFFSET + 4, (short) events);
    memory.putShort(POLL_OFFSET + 6, (short) 0);
    try {
      Libc.poll(pollEntry, 1, 0);
    } catch (LastErrorException e) {
      throw refused("poll", e);
    }
    return memory.getShort(POLL_OFFSET + 6);
  }

  /** Reads a queue without taking from it. Returns how many bytes the queue gave. */
  int peek(int descriptor, NativeBuffer into, int bytes) {
    int flags = LinuxConstants.MSG_PEEK | LinuxConstants.MSG_DONTWAIT;
    try {
      return (int) Libc.recv(descriptor, into.address(), bytes, flags);
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.EAGAIN) {
        return 0;
      }
      throw refused("read " + bytes + " bytes of a queue", e);
    }
  }

  /** Copies what waits into a direct buffer and moves its position; 0 if nothing does. */
  int peekReceived(int descriptor, ByteBuffer into) {
    long to = NativeBuffer.addressOf(into, into.position());
    int flags = LinuxConstants.MSG_PEEK | LinuxConstants.MSG_DONTWAIT;
    try {
      int count = (int) Libc.recv(descriptor, to, into.remaining(), flags);
      into.position(into.position() + count);
      return count;
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.EAGAIN) {
        return 0;
      }
      throw refused("look at what was received", e);
    }
  }

  /** Takes what was looked at. With MSG_TRUNC nothing is copied (tcp(7)). */
  void discard(int descriptor, int bytes) {
    int flags = LinuxConstants.MSG_TRUNC | LinuxConstants.MSG_DONTWAIT;
    int rest = bytes;
    try {
      while (rest > 0) {
        rest -= (int) Libc.recv(descriptor, 0, rest, flags);
      }
    } catch (LastErrorException e) {
      throw refused("take what was received", e);
    }
  }

  /**
   * Puts all of {@code data} into the queue that is chosen for repair. The kernel wants one linear
   * buffer for a piece; where it has none that large, a piece of half the size may do.
   */
  void fillQueue(int descriptor, ByteBuffer data) {
    int piece = CHUNK_BYTES;
    while (data.hasRemaining()) {
      try {
        send(descriptor, data, Math.min(piece, data.remaining()));
      } catch (LastErrorException e) {
        boolean tooLarge = e.getErrorCode() == Errno.ENOMEM || e.getErrorCode() == Errno.EAGAIN;
        piece /= 2;
        if (!tooLarge || piece < SMALLEST_CHUNK_BYTES) {
          throw refused("restore a queue, " + data.remaining() + " bytes missing", e);
        }
      }
    }
  }

  /** How a sending went that does not wait. */
  enum Sending {
    ALL_TAKEN,
    /** The send buffer is full. */
    FULL,
    /** The peer has reset the connection: it takes no more. */
    ENDED
  }

  /**
   * Sends as the application would, as much as the socket takes now, and moves the position. In one
   * call, if {@code data} is direct: a reset that comes in its middle is then left for the
   * application to be told of; the next call would be told, and nobody after it.
   */
  Sending sendWhatFits(int descriptor, ByteBuffer data) {
    while (data.hasRemaining()) {
      try {
        send(descriptor, data, data.remaining());
      } catch (LastErrorException e) {
        if (e.getErrorCode() == Errno.EAGAIN) {
          return Sending.FULL;
        }
        if (e.getErrorCode() == Errno.EPIPE || e.getErrorCode() == Errno.ECONNRESET) {
          return Sending.ENDED;
        }
        throw refused("send " + data.remaining() + " unsent bytes", e);
      }
      if (data.hasRemaining() && info(descriptor).state() == TcpState.CLOSE) {
        return Sending.ENDED;
      }
    }
    return Sending.ALL_TAKEN;
  }

  private void send(int descriptor, ByteBuffer data, int bytes) throws LastErrorException {
    long from;
    int most = bytes;
    if (data.isDirect()) {
      from = NativeBuffer.addressOf(data, data.position());
    } else {
      most = Math.min(bytes, CHUNK_BYTES);
      chunk.buffer().put(0, data, data.position(), most);
      from = chunk.address();
    }
    int flags = LinuxConstants.MSG_DONTWAIT | LinuxConstants.MSG_NOSIGNAL;
    int taken = (int) Libc.send(descriptor, from, most, flags);
    data.position(data.position() + taken);
  }

  private static TcpRepairException refused(String operation, LastErrorException e) {
    return new TcpRepairException(operation, e.getErrorCode(), Refusals.explain(e.getErrorCode()));
  }
}
