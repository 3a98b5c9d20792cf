package org.holdfast.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Builds the payload of one netlink request: a fixed part, then attributes. */
public final class NetlinkPayload {
  /** Added to the number of an attribute whose value is attributes again. */
  public static final int NESTED = 0x8000;

  private static final int USUAL_BYTES = 1024;

  private ByteBuffer bytes = ByteBuffer.allocate(USUAL_BYTES).order(ByteOrder.nativeOrder());

  /** A number of the fixed part, 8 bits. */
  public NetlinkPayload number8(int value) {
    room(1).put((byte) value);
    return this;
  }

  /** A number of the fixed part, 16 bits. */
  public NetlinkPayload number16(int value) {
    room(Short.BYTES).putShort((short) value);
    return this;
  }

  /** A number of the fixed part, 32 bits. */
  public NetlinkPayload number32(int value) {
    room(Integer.BYTES).putInt(value);
    return this;
  }

  /** {@code count} bytes of zero. */
  public NetlinkPayload zeros(int count) {
    room(count).put(new byte[count]);
    return this;
  }

  /** An attribute with this value. */
  public NetlinkPayload attribute(int type, byte[] value) {
    room(4 + value.length).putShort((short) (4 + value.length)).putShort((short) type).put(value);
    return zeros(NetlinkAttributes.align(value.length) - value.length);
  }

  /** An attribute whose number is in network order, 32 bits. */
  public NetlinkPayload networkNumber32(int type, int value) {
    return attribute(type, ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
  }

  /** An attribute made of the attributes that {@code content} adds. */
  public NetlinkPayload nested(int type, Runnable content) {
    int begin = bytes.position();
    room(4).putShort((short) 0).putShort((short) (type | NESTED));
    content.run();
    bytes.putShort(begin, (short) (bytes.position() - begin));
    return this;
  }

  /** The bytes so far, with room for so many more: what the kernel told may be told it again. */
  private ByteBuffer room(int count) {
    if (bytes.remaining() < count) {
      ByteBuffer larger =
          ByteBuffer.allocate(2 * (bytes.position() + count)).order(ByteOrder.nativeOrder());
      bytes = larger.put(bytes.flip());
    }
    return bytes;
  }

  /** The payload, position to limit. */
  public ByteBuffer build() {
    return bytes.duplicate().order(ByteOrder.nativeOrder()).flip();
  }
}
