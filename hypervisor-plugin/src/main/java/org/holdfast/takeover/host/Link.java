package org.holdfast.takeover.host;

import org.holdfast.wire.MacAddress;

/**
 * A network device.
 *
 * @param index the kernel's number for it
 * @param masterIndex index of the bridge it is a port of, 0 if none
 * @param kind "bridge", "veth", "tun" ..., empty for a physical one
 * @param forwarding for a bridge's port: whether the bridge passes frames from and to it
 * @param vlanFiltering for a bridge: whether it looks at VLANs
 */
record Link(
    int index,
    String name,
    int masterIndex,
    MacAddress mac,
    int mtu,
    boolean up,
    String kind,
    boolean forwarding,
    boolean vlanFiltering) {
  boolean isBridge() {
    return kind.equals("bridge");
  }
}
