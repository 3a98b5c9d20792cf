package org.holdfast.linux;

import com.sun.jna.Native;

/**
 * Calls of the C library whose failure is an ordinary answer: they return -1, and {@link
 * Native#getLastError()} has errno. An exception would cost far more than the call.
 */
final class LibcAnswers {
  static {
    Native.register(LibcAnswers.class, "c");
  }

  private LibcAnswers() {}

  static native int bind(int sockfd, long addr, int addrlen);
}
