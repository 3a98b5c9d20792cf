package org.holdfast.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;

/** Calls that only servers in tests need. */
final class TestLibc {
  static {
    Native.register(TestLibc.class, "c");
  }

  private TestLibc() {}

  static native int listen(int sockfd, int backlog) throws LastErrorException;

  static native int accept4(int sockfd, long addr, long addrlen, int flags)
      throws LastErrorException;
}
