package org.holdfast.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a netlink message ({@code struct nlattr}), by number; of repeated ones, the
 * last.
 */
public final class NetlinkAttributes {
  private static final int HEADER_BYTES = 4;

  /** NLA_F_NESTED and NLA_F_NET_BYTEORDER are no part of the number. */
  private static final int TYPE_MASK = 0x3fff;

  private final Map<Integer, ByteBuffer> values;

  private NetlinkAttributes(Map<Integer, ByteBuffer> values) {
    this.values = values;
  }

  /**
   * Takes apart the attributes that follow a message's fixed part.
   *
   * @param payload of the message
   * @param fixedBytes length of the fixed part
   * @throws NetlinkException if a length points outside of it
   */
  public static NetlinkAttributes after(ByteBuffer payload, int fixedBytes) {
    int begin = Math.min(align(fixedBytes), payload.limit());
    return of(payload.slice(begin, payload.limit() - begin));
  }

  /**
   * Takes a run of attributes apart.
   *
   * @throws NetlinkException if a length points outside of it
   */
  public static NetlinkAttributes of(ByteBuffer run) {
    ByteBuffer bytes = run.slice().order(ByteOrder.nativeOrder());
    Map<Integer, ByteBuffer> values = new HashMap<>();
    int at = 0;
    while (bytes.limit() - at >= HEADER_BYTES) {
      int length = Short.toUnsignedInt(bytes.getShort(at));
      if (length < HEADER_BYTES || length > bytes.limit() - at) {
        throw new NetlinkException(
            "an attribute of " + length + " bytes", "it must lie inside its message");
      }
      values.put(
          bytes.getShort(at + 2) & TYPE_MASK,
          bytes.slice(at + HEADER_BYTES, length - HEADER_BYTES).order(ByteOrder.nativeOrder()));
      at += align(length);
    }
    return new NetlinkAttributes(values);
  }

  /** The value of an attribute, or null if it is absent. */
  public @Nullable ByteBuffer find(int type) {
    ByteBuffer value = values.get(type);
    return value == null ? null : value.duplicate().order(ByteOrder.nativeOrder());
  }

  /** Whether the attribute is there. */
  public boolean has(int type) {
    return values.containsKey(type);
  }

  /** A 32-bit value in the machine's order, or {@code otherwise}. */
  public int integer(int type, int otherwise) {
    ByteBuffer value = values.get(type);
    return value == null || value.limit() < Integer.BYTES ? otherwise : value.getInt(0);
  }

  /** A value's bytes; empty if it is absent. */
  public byte[] bytes(int type) {
    ByteBuffer value = find(type);
    if (value == null) {
      return new byte[0];
    }
    byte[] copy = new byte[value.remaining()];
    value.get(copy);
    return copy;
  }

  /** A text up to its NUL; empty if it is absent. */
  public String text(int type) {
    byte[] copy = bytes(type);
    int length = 0;
    while (length < copy.length && copy[length] != 0) {
      length++;
    }
    return new String(copy, 0, length, StandardCharsets.UTF_8);
  }

  /** The attributes nested in one; none if it is absent. */
  public NetlinkAttributes nested(int type) {
    ByteBuffer value = find(type);
    return value == null ? new NetlinkAttributes(Map.of()) : of(value);
  }

  static int align(int length) {
    return (length + 3) & ~3;
  }
}
