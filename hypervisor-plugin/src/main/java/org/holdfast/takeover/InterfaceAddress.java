package org.holdfast.takeover;

import java.net.InetAddress;

/**
 * An address of a VM's interface.
 *
 * @param address IPv4 or IPv6; a link-local one without scope
 * @param prefixLength of the subnet on link, bits
 */
public record InterfaceAddress(InetAddress address, int prefixLength) {}
