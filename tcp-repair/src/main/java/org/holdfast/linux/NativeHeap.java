package org.holdfast.linux;

import com.sun.jna.Native;

/** Memory that this process has from the C library. */
public final class NativeHeap {
  private static final long KEEP_NOTHING = 0;

  private NativeHeap() {}

  /** Gives what is free of it back to the kernel; does nothing where the C library is not glibc. */
  public static void trim() {
    try {
      Glibc.malloc_trim(KEEP_NOTHING);
    } catch (UnsatisfiedLinkError notGlibc) {
      // others give it back themselves
    }
  }

  /** Apart from {@link Libc}: a function that is missing there would leave none of it. */
  private static final class Glibc {
    static {
      Native.register(Glibc.class, "c");
    }

    private Glibc() {}

    static native int malloc_trim(long pad);
  }
}
