package org.holdfast.takeover;

import org.holdfast.wire.MacAddress;

/**
 * Where an interface of a VM meets this host's network.
 *
 * @param mac of the VM's interface
 * @param bridge the Linux bridge its port belongs to
 * @param tap the port, e.g. "vnet3"
 * @param filtered whether rules of this host that name the tap decide what may reach the VM, as an
 *     nwfilter's do
 */
public record HostPort(MacAddress mac, String bridge, String tap, boolean filtered) {

  /** A port that no rule names. */
  public HostPort(MacAddress mac, String bridge, String tap) {
    this(mac, bridge, tap, false);
  }
}
