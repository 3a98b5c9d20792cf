package org.holdfast.linux;

import com.sun.jna.LastErrorException;

/** getsockopt(2) and setsockopt(2) for options that are one int. */
final class SocketOptions {
  private static final ThreadLocal<NativeBuffer> SCRATCH =
      ThreadLocal.withInitial(() -> new NativeBuffer(8));

  private SocketOptions() {}

  static void set(int descriptor, int level, int name, int value) {
    NativeBuffer scratch = SCRATCH.get();
    scratch.buffer().putInt(0, value);
    try {
      Libc.setsockopt(descriptor, level, name, scratch.address(), Integer.BYTES);
    } catch (LastErrorException e) {
      throw new KernelException("set option " + level + "/" + name + " to " + value, e);
    }
  }

  static int get(int descriptor, int level, int name) {
    NativeBuffer scratch = SCRATCH.get();
    scratch.buffer().putInt(0, 0).putInt(4, Integer.BYTES);
    try {
      Libc.getsockopt(descriptor, level, name, scratch.address(), scratch.address() + 4);
    } catch (LastErrorException e) {
      throw new KernelException("get option " + level + "/" + name, e);
    }
    return scratch.buffer().getInt(0);
  }

  /** The kernel doubles the value for its own overhead (socket(7)); so it is halved here. */
  static void forceReceiveBuffer(int descriptor, int bytes) {
    set(descriptor, LinuxConstants.SOL_SOCKET, LinuxConstants.SO_RCVBUFFORCE, (bytes + 1) / 2);
  }

  static void forceSendBuffer(int descriptor, int bytes) {
    set(descriptor, LinuxConstants.SOL_SOCKET, LinuxConstants.SO_SNDBUFFORCE, (bytes + 1) / 2);
  }
}
