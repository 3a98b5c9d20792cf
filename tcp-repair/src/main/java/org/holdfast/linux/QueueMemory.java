package org.holdfast.linux;

import java.nio.ByteBuffer;

/** Memory for the bytes of one queue; grows to the largest that was read. */
final class QueueMemory {
  private static final int SMALLEST_BYTES = 1 << 16;

  private NativeBuffer memory = new NativeBuffer(SMALLEST_BYTES);

  /** The memory, at least {@code bytes} of it. */
  NativeBuffer atLeast(int bytes) {
    if (memory.capacity() < bytes) {
      // Slack, so that a queue that has grown a little at the next reading fits too.
      memory = new NativeBuffer(bytes + bytes / 4);
    }
    return memory;
  }

  /** What was read, as a buffer that nobody can write to. */
  ByteBuffer view(int from, int bytes) {
    return memory.buffer().slice(from, bytes).asReadOnlyBuffer();
  }
}
