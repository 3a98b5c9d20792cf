package org.holdfast.agent.channel;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import org.holdfast.proto.agent.v1.HostMessage;
import org.holdfast.wire.FrameDecoder;
import org.jspecify.annotations.Nullable;

/** Makes messages of what the host sends. For one thread. */
public final class FrameInput {
  private static final Logger LOGGER = System.getLogger(FrameInput.class.getName());

  /** Takes messages. */
  @FunctionalInterface
  public interface Handler {
    /**
     * Takes one.
     *
     * @param message its bytes are good until this returns
     */
    void handle(HostMessage message) throws HostGoneException;
  }

  private final FrameDecoder decoder = new FrameDecoder();

  /** The host side is gone or new: the next byte begins a frame. */
  public void reset() {
    decoder.reset();
  }

  /**
   * Takes bytes as they came.
   *
   * @param bytes all of them are used
   * @param handler gets each message they complete
   */
  public void accept(ByteBuffer bytes, Handler handler) throws HostGoneException {
    @Nullable ByteBuffer payload = decoder.next(bytes);
    while (payload != null) {
      HostMessage message = parse(payload);
      if (message != null) {
        handler.handle(message);
      }
      payload = decoder.next(bytes);
    }
  }

  private static @Nullable HostMessage parse(ByteBuffer payload) {
    try {
      CodedInputStream input = CodedInputStream.newInstance(payload);
      input.enableAliasing(true); // a chunk is copied to its place before the next frame is read
      return HostMessage.parseFrom(input);
    } catch (IOException e) {
      LOGGER.log(Level.WARNING, "a frame that is no message is passed over: " + e.getMessage());
      return null;
    }
  }
}
