package org.holdfast.linux;

import com.sun.jna.LastErrorException;

/** Network interfaces of the calling thread's namespace. */
public final class NetworkInterfaces {
  private NetworkInterfaces() {}

  /**
   * The index of the interface {@code name}.
   *
   * @throws KernelException ENODEV if there is none
   */
  public static int index(String name) {
    try {
      return Libc.if_nametoindex(name);
    } catch (LastErrorException e) {
      throw new KernelException("index of interface " + name, e);
    }
  }
}
