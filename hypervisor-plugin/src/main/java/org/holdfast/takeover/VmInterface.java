package org.holdfast.takeover;

import java.util.List;
import org.holdfast.wire.MacAddress;

/**
 * An interface of a VM, as the host has to play it.
 *
 * @param port where it meets this host's network
 * @param mtu bytes
 * @param addresses those found to be the VM's own (see {@link AddressProbe}); for no other will the
 *     host ever speak
 */
public record VmInterface(
    HostPort port,
    int mtu,
    List<InterfaceAddress> addresses,
    List<VmRoute> routes,
    List<VmNeighbour> neighbours) {
  public VmInterface {
    addresses = List.copyOf(addresses);
    routes = List.copyOf(routes);
    neighbours = List.copyOf(neighbours);
  }

  /** The Ethernet address of the VM's interface. */
  public MacAddress mac() {
    return port.mac();
  }
}
