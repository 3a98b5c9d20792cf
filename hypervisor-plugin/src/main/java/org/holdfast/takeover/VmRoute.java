package org.holdfast.takeover;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A route of the VM through one of its interfaces.
 *
 * @param destination null for the default route of the gateway's family
 * @param prefixLength of the destination, bits
 * @param gateway null if the destination is on link
 * @param metric the VM's, 0 if it has none
 */
public record VmRoute(
    @Nullable InetAddress destination,
    int prefixLength,
    @Nullable InetAddress gateway,
    int metric) {
  public VmRoute {
    if (destination == null && gateway == null) {
      throw new IllegalArgumentException("a default route needs a gateway");
    }
  }
}
