package org.holdfast.libvirt;

/** How an interface of a domain meets the host's network. */
public enum InterfaceType {
  /** A port of a Linux bridge: what Holdfast manages. */
  BRIDGE,
  /** A libvirt network; live XML names its Linux bridge, and then Holdfast manages it. */
  NETWORK,
  /** A port of an Open vSwitch bridge. */
  OPENVSWITCH,
  /** macvtap. */
  DIRECT,
  /** SLIRP or passt: user-space networking. */
  USER,
  /** A tap that a script or a manager attaches somewhere. */
  ETHERNET,
  /** A process that shares the guest's memory, such as DPDK. */
  VHOSTUSER,
  /** A host's device passed through. */
  HOSTDEV,
  /** vhost data path acceleration. */
  VDPA,
  /** Any other of libvirt's types. */
  OTHER
}
