package org.holdfast.migration.transfer;

import io.grpc.Channel;

/** The daemons of other hosts. */
public interface Peers extends AutoCloseable {

  /**
   * A channel to another host's daemon, authenticated both ways; connected when it is first used
   * and kept for later.
   *
   * @param address host:port; the certificate must be the host's
   */
  Channel channel(String address);

  /**
   * Begins to connect with a daemon, so that a call that is to come need not wait for it, nor for
   * the pause after an attempt that failed; returns at once.
   *
   * @param address host:port
   */
  void connect(String address);

  @Override
  void close();
}
