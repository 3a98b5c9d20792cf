package org.holdfast.linux;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A direct buffer in the machine's byte order, with its address at hand. */
final class NativeBuffer {
  private final ByteBuffer buffer;
  private final Pointer pointer;

  NativeBuffer(int bytes) {
    this.buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    this.pointer = Native.getDirectBufferPointer(buffer);
  }

  ByteBuffer buffer() {
    return buffer;
  }

  Pointer pointer() {
    return pointer;
  }

  int capacity() {
    return buffer.capacity();
  }

  /** The address of the byte at {@code position} of a direct buffer, read-only or not. */
  static Pointer addressOf(ByteBuffer direct, int position) {
    return Native.getDirectBufferPointer(direct).share(position);
  }
}
