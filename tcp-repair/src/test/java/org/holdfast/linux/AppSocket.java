package org.holdfast.linux;

import com.sun.jna.LastErrorException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.holdfast.tcp.SocketFamily;

/**
 * A socket as an application has it: plain calls, every option within reach. Blocking, but never
 * longer than a test may take.
 */
public final class AppSocket implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int SO_RCVTIMEO = 20;
  private static final int SO_SNDTIMEO = 21;
  private static final int SOMAXCONN = 4096;
  private static final int MSG_OOB = 1;

  private final int descriptor;
  private final boolean inet6;

  private AppSocket(int descriptor, boolean inet6) {
    this.descriptor = descriptor;
    this.inet6 = inet6;
  }

  /** A fresh socket in the namespace of the calling thread. */
  public static AppSocket create(SocketFamily family) {
    boolean inet6 = family != SocketFamily.IPV4;
    int domain = inet6 ? LinuxConstants.AF_INET6 : LinuxConstants.AF_INET;
    int type = LinuxConstants.SOCK_STREAM | LinuxConstants.SOCK_CLOEXEC;
    AppSocket socket = new AppSocket(Libc.socket(domain, type, 0), inet6);
    socket.bePatientFor(PATIENCE);
    return socket;
  }

  /** Takes a descriptor over. */
  public static AppSocket of(int descriptor, SocketFamily family) {
    AppSocket socket = new AppSocket(descriptor, family != SocketFamily.IPV4);
    socket.bePatientFor(PATIENCE);
    return socket;
  }

  /** A descriptor of somebody else's socket, of which nothing is changed. */
  public static AppSocket sharing(int descriptor, SocketFamily family) {
    return new AppSocket(descriptor, family != SocketFamily.IPV4);
  }

  /** A listening socket with SO_REUSEADDR, as servers are. */
  public static AppSocket listen(SocketFamily family, InetSocketAddress address) {
    AppSocket socket = create(family);
    socket.setOption(LinuxConstants.SOL_SOCKET, LinuxConstants.SO_REUSEADDR, 1);
    socket.bind(address);
    TestLibc.listen(socket.descriptor, SOMAXCONN);
    return socket;
  }

  /** How long a call may block. */
  public void bePatientFor(Duration patience) {
    NativeBuffer timeval = new NativeBuffer(16);
    timeval.buffer().putLong(patience.toSeconds()).putLong(patience.toNanosPart() / 1000);
    for (int option : new int[] {SO_RCVTIMEO, SO_SNDTIMEO}) {
      Libc.setsockopt(
          descriptor, LinuxConstants.SOL_SOCKET, option, timeval.address(), timeval.capacity());
    }
  }

  public int descriptor() {
    return descriptor;
  }

  public void bind(InetSocketAddress address) {
    TcpCalls.ofThread().bind(descriptor, address, inet6);
  }

  public void connect(InetSocketAddress address) {
    TcpCalls.ofThread().connect(descriptor, address, inet6);
  }

  public AppSocket accept(SocketFamily family) {
    int accepted = TestLibc.accept4(descriptor, 0, 0, LinuxConstants.SOCK_CLOEXEC);
    return of(accepted, family);
  }

  public InetSocketAddress localAddress() {
    return TcpCalls.ofThread().localAddress(descriptor);
  }

  public int option(int level, int name) {
    return TcpCalls.ofThread().get(descriptor, level, name);
  }

  public void setOption(int level, int name, int value) {
    TcpCalls.ofThread().set(descriptor, level, name, value);
  }

  /** The value of an option of any kind, at most 256 bytes of it; null where there is none. */
  public byte @org.jspecify.annotations.Nullable [] rawOption(int level, int name) {
    NativeBuffer memory = new NativeBuffer(264);
    memory.buffer().putInt(256, 256);
    try {
      Libc.getsockopt(descriptor, level, name, memory.address(), memory.address() + 256);
    } catch (LastErrorException e) {
      return null;
    }
    byte[] value = new byte[Math.min(256, memory.buffer().getInt(256))];
    memory.buffer().get(0, value);
    return value;
  }

  /** Writes all of it; the position stays. */
  public void send(ByteBuffer data) {
    NativeBuffer memory = new NativeBuffer(Math.max(1, data.remaining()));
    memory.buffer().put(data.duplicate()).flip();
    int sent = 0;
    while (sent < memory.buffer().limit()) {
      sent += (int) send(memory, sent, memory.buffer().limit() - sent, 0);
    }
  }

  /** Writes what the socket takes without waiting; returns how much that was. */
  public int sendWhatFits(ByteBuffer data) {
    NativeBuffer memory = new NativeBuffer(data.remaining());
    memory.buffer().put(data.duplicate());
    int sent = 0;
    try {
      while (sent < data.remaining()) {
        sent += (int) send(memory, sent, data.remaining() - sent, LinuxConstants.MSG_DONTWAIT);
      }
    } catch (KernelException e) {
      if (e.errno() != Errno.EAGAIN) {
        throw e;
      }
    }
    data.position(data.position() + sent);
    return sent;
  }

  /** Sends a byte out of band. */
  public void sendUrgent(byte value) {
    NativeBuffer memory = new NativeBuffer(1);
    memory.buffer().put(0, value);
    send(memory, 0, 1, MSG_OOB);
  }

  private long send(NativeBuffer memory, int from, int bytes, int flags) {
    try {
      return Libc.send(
          descriptor, memory.address() + from, bytes, flags | LinuxConstants.MSG_NOSIGNAL);
    } catch (LastErrorException e) {
      throw new KernelException("send", e);
    }
  }

  /** Reads once, into what remains of {@code into}; returns 0 at the end of the stream. */
  public int receive(ByteBuffer into) {
    NativeBuffer memory = new NativeBuffer(Math.min(1 << 18, Math.max(1, into.remaining())));
    int count;
    try {
      count = (int) Libc.recv(descriptor, memory.address(), memory.capacity(), 0);
    } catch (LastErrorException e) {
      throw new KernelException("receive", e);
    }
    into.put(memory.buffer().slice(0, count));
    return count;
  }

  /** Reads once without waiting; returns 0 at the end of the stream, -1 if nothing is there yet. */
  public int receiveWhatIsThere(ByteBuffer into) {
    NativeBuffer memory = new NativeBuffer(Math.min(1 << 16, into.remaining()));
    int count;
    try {
      count =
          (int)
              Libc.recv(
                  descriptor, memory.address(), memory.capacity(), LinuxConstants.MSG_DONTWAIT);
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.EAGAIN) {
        return -1;
      }
      throw new KernelException("receive", e);
    }
    into.put(memory.buffer().slice(0, count));
    return count;
  }

  /** The kernel's state of the socket. */
  public org.holdfast.tcp.TcpState state() {
    return TcpCalls.ofThread().info(descriptor).state();
  }

  /** The agent's view of the same socket: another descriptor of it. */
  public org.holdfast.tcp.RepairSocket adopt() {
    try (PidDescriptors own = PidDescriptors.open((int) ProcessHandle.current().pid())) {
      return new LinuxTcpSockets().adopt(own.duplicate(descriptor));
    }
  }

  /** Makes room for so many bytes to be written without waiting, whatever the system's bounds. */
  public void forceSendBuffer(int bytes) {
    SocketOptions.forceSendBuffer(descriptor, 2 * bytes);
  }

  /** Reads exactly so many bytes, fewer only at the end of the stream. */
  public ByteBuffer receiveExactly(int bytes) {
    ByteBuffer data = ByteBuffer.allocate(bytes);
    while (data.hasRemaining() && receive(data) > 0) {
      // on
    }
    return data.flip();
  }

  public void shutdownSending() {
    TcpCalls.ofThread().shutdown(descriptor, LinuxConstants.SHUT_WR);
  }

  public void shutdownReceiving() {
    TcpCalls.ofThread().shutdown(descriptor, LinuxConstants.SHUT_RD);
  }

  /** Closes with an RST instead of a FIN. */
  public void closeAbruptly() {
    NativeBuffer linger = new NativeBuffer(8);
    linger.buffer().putInt(1).putInt(0);
    Libc.setsockopt(descriptor, LinuxConstants.SOL_SOCKET, 13, linger.address(), 8);
    close();
  }

  @Override
  public void close() {
    Descriptors.close(descriptor);
  }
}
