package org.holdfast.libvirt;

import java.util.Optional;
import java.util.OptionalInt;
import org.holdfast.wire.MacAddress;

/**
 * An interface of a domain.
 *
 * @param mac of the guest's side
 * @param bridge the host's bridge it is a port of
 * @param targetDevice the host's tap; only while the domain is active
 * @param filterReference name of its nwfilter, whose rules name the tap
 * @param vlan tag the host puts on its frames, if there is exactly one
 * @param mtu bytes, if it is set
 * @param linkUp false if the cable is pulled
 */
public record DomainInterface(
    MacAddress mac,
    InterfaceType type,
    Optional<String> bridge,
    Optional<String> targetDevice,
    Optional<String> filterReference,
    OptionalInt vlan,
    OptionalInt mtu,
    boolean linkUp) {

  /** Whether it is a port of a Linux bridge whose name is known. */
  public boolean isOnLinuxBridge() {
    return bridge.isPresent()
        && (type == InterfaceType.BRIDGE || type == InterfaceType.NETWORK)
        && vlan.isEmpty();
  }
}
