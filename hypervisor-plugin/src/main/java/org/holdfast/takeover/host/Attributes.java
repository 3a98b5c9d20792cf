package org.holdfast.takeover.host;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Attributes of rtnetlink messages (linux/rtnetlink.h).
 *
 * <pre>
 *   | length 2 | type 2 | value ... | pad to 4 |
 * </pre>
 */
final class Attributes {
  private static final int HEADER_BYTES = 4;

  /** The upper two bits of the type are flags. */
  private static final int TYPE_MASK = 0x3fff;

  private Attributes() {}

  /** What to do with an attribute; {@code value} spans exactly its value. */
  interface Visitor {
    void visit(int type, ByteBuffer value);
  }

  /** A buffer for a message's payload, in the machine's byte order. */
  static ByteBuffer payload() {
    return ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());
  }

  static void put(ByteBuffer payload, int type, byte[] value) {
    payload.putShort((short) (HEADER_BYTES + value.length)).putShort((short) type).put(value);
    while (payload.position() % 4 != 0) {
      payload.put((byte) 0);
    }
  }

  static void put(ByteBuffer payload, int type, int value) {
    payload.putShort((short) (HEADER_BYTES + 4)).putShort((short) type).putInt(value);
  }

  static void put(ByteBuffer payload, int type, short value) {
    payload.putShort((short) (HEADER_BYTES + 2)).putShort((short) type).putShort(value);
    payload.putShort((short) 0);
  }

  /** Walks the attributes from {@code start} to the limit. */
  static void visit(ByteBuffer attributes, int start, Visitor visitor) {
    int offset = start;
    while (offset + HEADER_BYTES <= attributes.limit()) {
      int length = Short.toUnsignedInt(attributes.getShort(offset));
      if (length < HEADER_BYTES || offset + length > attributes.limit()) {
        return;
      }
      ByteBuffer value = attributes.slice(offset + HEADER_BYTES, length - HEADER_BYTES);
      visitor.visit(
          attributes.getShort(offset + 2) & TYPE_MASK, value.order(ByteOrder.nativeOrder()));
      offset += (length + 3) & ~3;
    }
  }
}
