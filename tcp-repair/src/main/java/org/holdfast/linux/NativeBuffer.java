package org.holdfast.linux;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A direct buffer in the machine's byte order, with its address at hand. Whoever passes the address
 * to the kernel keeps the buffer reachable until the call is over: see {@link #keep}.
 */
final class NativeBuffer {
  private final ByteBuffer buffer;
  private final long address;

  NativeBuffer(int bytes) {
    this.buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    this.address = addressOf(buffer, 0);
  }

  ByteBuffer buffer() {
    return buffer;
  }

  long address() {
    return address;
  }

  int capacity() {
    return buffer.capacity();
  }

  /** Says that the memory was in use until here. */
  void keep() {
    Reference.reachabilityFence(buffer);
  }

  /** The address of the byte at {@code position} of a direct buffer, read-only or not. */
  static long addressOf(ByteBuffer direct, int position) {
    return Pointer.nativeValue(Native.getDirectBufferPointer(direct)) + position;
  }
}
