package org.holdfast.agent.session;

import java.lang.ref.WeakReference;

/**
 * The part of the Java heap where objects begin. The collector stops everything when it is full; in
 * a guest that has just woken, on an emulated processor, for 70 ms. Emptied before a blackout, it
 * is not full in it.
 */
final class Nursery {
  private static final int PIECE_BYTES = 16 << 10;

  /** A field, for no compiler to find that nobody wants it. */
  private byte[] garbage = {};

  /** Has the collector do now what it would have done before long; takes as long as that takes. */
  void empty() {
    WeakReference<Object> unwanted = new WeakReference<>(new Object());
    long left = Runtime.getRuntime().maxMemory();
    while (unwanted.get() != null && left > 0) {
      garbage = new byte[PIECE_BYTES];
      left -= garbage.length;
    }
    garbage = new byte[0];
  }
}
