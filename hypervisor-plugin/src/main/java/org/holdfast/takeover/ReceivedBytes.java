package org.holdfast.takeover;

import java.nio.ByteBuffer;

/** Takes what was received on behalf of connections, in order for each of them. */
@FunctionalInterface
public interface ReceivedBytes {
  /**
   * Takes the next bytes of a connection.
   *
   * @param index as in {@link ConnectionToHold}
   * @param bytes position to limit, valid until this returns
   */
  void accept(int index, ByteBuffer bytes);
}
