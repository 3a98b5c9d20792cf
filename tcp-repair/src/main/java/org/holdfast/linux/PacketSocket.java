package org.holdfast.linux;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Raw Ethernet frames of one interface: packet(7). Non-blocking; wait with {@link PollSet}. Sees
 * frames before the interface's addresses matter, and after a bridge port has passed them.
 */
public final class PacketSocket implements AutoCloseable {
  /** One instruction of a classic BPF program (linux/filter.h, struct sock_filter). */
  public record FilterInstruction(int code, int jumpTrue, int jumpFalse, int operand) {}

  /**
   * What the kernel counted since the last question.
   *
   * @param received frames, dropped ones included
   * @param dropped for want of buffer space
   */
  public record Statistics(long received, long dropped) {}

  private static final int ADDRESS_BYTES = 20;

  private final int descriptor;

  private PacketSocket(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Opens a socket that receives every frame of the interface, of the calling thread's namespace.
   *
   * @param interfaceIndex see {@link NetworkInterfaces#index}
   * @param bufferBytes of memory for frames not yet read, the kernel's overhead included
   * @param incomingOnly whether frames that this machine sends are left out (Linux 4.20)
   * @param filter classic BPF program that says how many bytes of a frame to keep (0: none of it),
   *     in force before the first frame; empty for every frame
   * @throws KernelException EPERM without CAP_NET_RAW and CAP_NET_ADMIN, ENODEV
   */
  public static PacketSocket open(
      int interfaceIndex, int bufferBytes, boolean incomingOnly, List<FilterInstruction> filter) {
    PacketSocket socket = new PacketSocket(openUnbound());
    try {
      SocketOptions.forceReceiveBuffer(socket.descriptor, bufferBytes);
      if (incomingOnly) {
        SocketOptions.set(
            socket.descriptor, LinuxConstants.SOL_PACKET, LinuxConstants.PACKET_IGNORE_OUTGOING, 1);
      }
      if (!filter.isEmpty()) {
        socket.attach(filter);
      }
      socket.bind(interfaceIndex);
      return socket;
    } catch (RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Protocol 0: nothing is received before bind names a protocol, so no frame slips by a filter.
   */
  private static int openUnbound() {
    try {
      return Descriptors.moveUp(
          Libc.socket(
              LinuxConstants.AF_PACKET,
              LinuxConstants.SOCK_RAW | LinuxConstants.SOCK_CLOEXEC | LinuxConstants.SOCK_NONBLOCK,
              0));
    } catch (LastErrorException e) {
      throw new KernelException("open packet socket", e);
    }
  }

  private void bind(int interfaceIndex) {
    NativeBuffer address = new NativeBuffer(ADDRESS_BYTES);
    address.buffer().putShort(0, (short) LinuxConstants.AF_PACKET);
    address.buffer().put(2, (byte) 0).put(3, (byte) LinuxConstants.ETH_P_ALL);
    address.buffer().putInt(4, interfaceIndex);
    try {
      Libc.bind(descriptor, address.address(), ADDRESS_BYTES);
    } catch (LastErrorException e) {
      throw new KernelException("bind packet socket to interface " + interfaceIndex, e);
    }
    address.keep();
  }

  /** struct sock_fprog: a 16-bit count, then at offset 8 the program's address. */
  private void attach(List<FilterInstruction> filter) {
    NativeBuffer program = new NativeBuffer(filter.size() * 8);
    for (FilterInstruction instruction : filter) {
      program.buffer().putShort((short) instruction.code());
      program.buffer().put((byte) instruction.jumpTrue()).put((byte) instruction.jumpFalse());
      program.buffer().putInt(instruction.operand());
    }
    NativeBuffer header = new NativeBuffer(16);
    header.buffer().putShort(0, (short) filter.size());
    header.buffer().putLong(8, program.address());
    try {
      Libc.setsockopt(
          descriptor,
          LinuxConstants.SOL_SOCKET,
          LinuxConstants.SO_ATTACH_FILTER,
          header.address(),
          16);
    } catch (LastErrorException e) {
      throw new KernelException("attach packet filter", e);
    }
    program.keep();
    header.keep();
  }

  /** For {@link PollSet}. */
  public int descriptor() {
    return descriptor;
  }

  /**
   * Receives one frame into {@code into} (direct), from its position on, and moves the position.
   *
   * @return length of the frame, which is cut off where {@code into} is too small for it; -1 if
   *     none is there
   * @throws KernelException ENETDOWN once after the interface went down; receiving may go on
   */
  public int receive(ByteBuffer into) {
    int room = into.remaining();
    int length;
    try {
      length =
          (int)
              Libc.recv(
                  descriptor,
                  NativeBuffer.addressOf(into, into.position()),
                  room,
                  LinuxConstants.MSG_TRUNC | LinuxConstants.MSG_DONTWAIT);
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.EAGAIN || e.getErrorCode() == Errno.EINTR) {
        return -1;
      }
      throw new KernelException("receive frame", e);
    }
    into.position(into.position() + Math.min(length, room));
    return length;
  }

  /**
   * Sends one frame, Ethernet header included, from position to limit of {@code frame} (direct).
   *
   * @return whether it was taken; false if the interface's queue is full
   * @throws KernelException ENETDOWN if the interface is down, EMSGSIZE if the frame is too long
   */
  public boolean send(ByteBuffer frame) {
    try {
      Libc.send(
          descriptor,
          NativeBuffer.addressOf(frame, frame.position()),
          frame.remaining(),
          LinuxConstants.MSG_DONTWAIT);
      return true;
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.EAGAIN || e.getErrorCode() == Errno.ENOBUFS) {
        return false;
      }
      throw new KernelException("send frame of " + frame.remaining() + " bytes", e);
    }
  }

  /** Counts since the last call. */
  public Statistics statistics() {
    NativeBuffer counts = new NativeBuffer(12);
    counts.buffer().putInt(8, 8);
    try {
      Libc.getsockopt(
          descriptor,
          LinuxConstants.SOL_PACKET,
          LinuxConstants.PACKET_STATISTICS,
          counts.address(),
          counts.address() + 8);
    } catch (LastErrorException e) {
      throw new KernelException("read packet statistics", e);
    }
    return new Statistics(
        Integer.toUnsignedLong(counts.buffer().getInt(0)),
        Integer.toUnsignedLong(counts.buffer().getInt(4)));
  }

  @Override
  public void close() {
    Descriptors.close(descriptor);
  }
}
