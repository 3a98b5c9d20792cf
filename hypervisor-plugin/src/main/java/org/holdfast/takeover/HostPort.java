package org.holdfast.takeover;

import org.holdfast.wire.MacAddress;

/**
 * Where an interface of a VM meets this host's network.
 *
 * @param mac of the VM's interface
 * @param bridge the Linux bridge its port belongs to
 * @param tap the port, e.g. "vnet3"
 */
public record HostPort(MacAddress mac, String bridge, String tap) {}
