package org.holdfast.linux;

import com.sun.jna.LastErrorException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Stream sockets of the Unix domain (unix(7)). */
public final class UnixStream {
  private static final int PATH_OFFSET = 2;
  private static final int PATH_BYTES = 108;

  private UnixStream() {}

  /**
   * Connects to the socket that somebody listens on at {@code path}.
   *
   * @return a non-blocking descriptor that closes on exec
   * @throws KernelException ENOENT or ECONNREFUSED if nobody listens there
   * @throws IllegalArgumentException for a path of more than 107 bytes
   */
  public static int connect(Path path) {
    byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
    if (name.length >= PATH_BYTES) {
      throw new IllegalArgumentException("longer than a Unix socket's path may be: " + path);
    }
    NativeBuffer address = new NativeBuffer(PATH_OFFSET + PATH_BYTES);
    address.buffer().putShort(0, (short) LinuxConstants.AF_UNIX).put(PATH_OFFSET, name);
    int descriptor;
    try {
      descriptor =
          Libc.socket(
              LinuxConstants.AF_UNIX,
              LinuxConstants.SOCK_STREAM
                  | LinuxConstants.SOCK_CLOEXEC
                  | LinuxConstants.SOCK_NONBLOCK,
              0);
    } catch (LastErrorException e) {
      throw new KernelException("open a socket for " + path, e);
    }
    try {
      Libc.connect(descriptor, address.address(), PATH_OFFSET + name.length + 1);
      address.keep();
      return descriptor;
    } catch (LastErrorException e) {
      Descriptors.close(descriptor);
      throw new KernelException("connect " + path, e);
    }
  }
}
