package org.holdfast.channel;

import java.nio.ByteBuffer;

/** Receives what the connections of an export had still to send. */
@FunctionalInterface
public interface RestSink {

  /**
   * The next of these bytes of a connection.
   *
   * @param connection as in the export
   * @param bytes position to limit; good until this returns
   */
  void accept(int connection, ByteBuffer bytes);
}
