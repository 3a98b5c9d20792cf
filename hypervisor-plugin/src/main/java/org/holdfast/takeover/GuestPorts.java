package org.holdfast.takeover;

/**
 * The VM's own ports on the host where it wakes: fenced from before it runs until its sockets are
 * conformed.
 */
public interface GuestPorts extends AutoCloseable {

  /** Closes the ports; they need not exist yet. */
  void fence();

  /** Opens the ports, and sends what {@link #inject} kept until then. */
  void open();

  /**
   * Sends a frame to the VM through its port. Frames for a MAC that is none of these ports', and
   * frames with the VM's own source address, are dropped; so is, at a port that is filtered or that
   * nftables rules of others name, what does not belong to a connection that has begun.
   *
   * <p>While the port is fenced only segments of connections are sent at once; others wait for
   * {@link #open}, so that what the VM answers is heard.
   *
   * @return whether it was sent, or will be if the rules let it
   */
  boolean inject(ParkedFrame frame);

  /**
   * Tells switches and neighbours that the VM's addresses are here: at once and after 50, 200 and
   * 1000 ms, without waiting for it.
   */
  void announce();

  /** Opens the ports if they are still fenced, and forgets them. */
  @Override
  void close();
}
