package org.holdfast.linux;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Names of congestion control algorithms: few in number, so each becomes a String once. */
final class CongestionNames {
  private static final Map<Long, String> SHORT_NAMES = new ConcurrentHashMap<>();

  private CongestionNames() {}

  /** The name at the start of {@code memory}, ended by 0 or by {@code maximumBytes}. */
  static String read(ByteBuffer memory, int maximumBytes) {
    if (memory.get(7) == 0) {
      int bytes = length(memory, 8);
      long mask = bytes == 0 ? 0 : -1L >>> (64 - bytes * 8);
      return SHORT_NAMES.computeIfAbsent(memory.getLong(0) & mask, key -> text(memory, bytes));
    }
    return text(memory, length(memory, maximumBytes));
  }

  private static int length(ByteBuffer memory, int maximumBytes) {
    int bytes = 0;
    while (bytes < maximumBytes && memory.get(bytes) != 0) {
      bytes++;
    }
    return bytes;
  }

  private static String text(ByteBuffer memory, int bytes) {
    byte[] name = new byte[bytes];
    memory.get(0, name);
    return new String(name, StandardCharsets.US_ASCII);
  }
}
