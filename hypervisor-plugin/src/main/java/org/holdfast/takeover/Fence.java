package org.holdfast.takeover;

import java.util.Collection;
import java.util.Set;

/**
 * The fence at bridge ports: a closed port neither sends into the bridge nor receives from it, and
 * the bridge learns nothing from it. Made of nftables rules that name ports, so that no carrier
 * change can undo it and a port can be closed before it exists.
 *
 * <p>The table ({@code table bridge holdfast}) exists only while a port is closed. Each call is one
 * transaction of the kernel. Safe for use by several threads.
 */
public interface Fence {

  /**
   * Closes the ports in both directions; those already closed stay so.
   *
   * @throws TakeoverException if the kernel refuses; then nothing has changed
   */
  void close(Collection<String> ports);

  /** Opens the ports; those not closed stay open. */
  void open(Collection<String> ports);

  /** Closes some ports and opens others, in one transaction. */
  void swap(Collection<String> close, Collection<String> open);

  /** The ports closed in either direction now, read back from the kernel. */
  Set<String> closedPorts();
}
