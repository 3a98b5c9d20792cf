package org.holdfast.wire;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.zip.CRC32C;

/**
 * The frame of the virtio-serial channel. Its rules stand at the head of agent.proto.
 *
 * <pre>
 *   0        4        8        12
 *   | magic  | length | CRC32C | payload, 1 to 262144 bytes |
 * </pre>
 *
 * <p>Numbers are in network order; the length is the payload's; the CRC (RFC 3720, B.4) covers
 * length and payload; of a payload longer than 4096 bytes the first and the last 2048. It is to
 * find what was torn, not what was altered, for virtio loses bytes where a host goes away and
 * alters none: of a frame that lacks some, the end is another. {@link FrameDecoder} reads what this
 * writes.
 */
public final class FrameCodec {
  /** The longest payload, bytes. */
  public static final int MAXIMUM_PAYLOAD_BYTES = 256 * 1024;

  /** What stands before the payload, bytes. */
  public static final int HEADER_BYTES = 12;

  /** After this much silence a frame begins. */
  public static final Duration SILENCE = Duration.ofMillis(100);

  /** Every frame begins with it. No byte of it is ASCII, none repeats. */
  static final int MAGIC = 0xF1D8A9E6;

  /** Of a long payload this much is checked at either end: an emulated processor counts slowly. */
  private static final int CHECKED_BYTES = 2048;

  private FrameCodec() {}

  /**
   * The frame of a message, in a buffer of its own, ready to be written.
   *
   * @throws WireFormatException TOO_LARGE beyond {@link #MAXIMUM_PAYLOAD_BYTES}
   */
  public static ByteBuffer encode(MessageLite message) throws WireFormatException {
    ByteBuffer frame = ByteBuffer.allocate(HEADER_BYTES + checkedSize(message));
    fill(frame, message);
    return frame;
  }

  private static int checkedSize(MessageLite message) throws WireFormatException {
    int size = message.getSerializedSize();
    if (size < 1 || size > MAXIMUM_PAYLOAD_BYTES) {
      throw new WireFormatException(
          WireFormatException.Code.TOO_LARGE,
          message.getClass().getSimpleName(),
          size + " bytes; a frame carries 1 to " + MAXIMUM_PAYLOAD_BYTES);
    }
    return size;
  }

  private static void fill(ByteBuffer frame, MessageLite message) {
    int size = message.getSerializedSize();
    frame.putInt(MAGIC).putInt(size).putInt(0);
    CodedOutputStream output = CodedOutputStream.newInstance(frame);
    try {
      message.writeTo(output);
      output.flush();
    } catch (IOException impossible) {
      throw new UncheckedIOException("the buffer is as long as the message said", impossible);
    }
    frame.position(HEADER_BYTES + size);
    frame.flip();
    frame.putInt(8, checksum(size, frame.slice(HEADER_BYTES, size)));
  }

  /** The CRC of a frame. */
  static int checksum(int length, ByteBuffer payload) {
    CRC32C crc = new CRC32C();
    for (int shift = 24; shift >= 0; shift -= 8) {
      crc.update(length >>> shift);
    }
    if (length > 2 * CHECKED_BYTES) {
      crc.update(payload.slice(0, CHECKED_BYTES));
      crc.update(payload.slice(length - CHECKED_BYTES, CHECKED_BYTES));
    } else {
      crc.update(payload.slice(0, length));
    }
    return (int) crc.getValue();
  }

  /**
   * Writes frames one after another through one buffer outside the heap, so that bulk is copied
   * once. For one thread at a time.
   */
  public static final class Writer {
    private final WritableByteChannel channel;
    private final ByteBuffer frame =
        ByteBuffer.allocateDirect(HEADER_BYTES + MAXIMUM_PAYLOAD_BYTES);

    /**
     * @param channel in blocking mode
     */
    public Writer(WritableByteChannel channel) {
      this.channel = channel;
    }

    /**
     * Writes the message's frame whole.
     *
     * @throws WireFormatException TOO_LARGE, and nothing is written
     * @throws IOException from the channel; a part of the frame may be out
     */
    public void write(MessageLite message) throws WireFormatException, IOException {
      checkedSize(message);
      frame.clear();
      fill(frame, message);
      while (frame.hasRemaining()) {
        channel.write(frame);
      }
    }
  }
}
