package org.holdfast.takeover;

import java.net.InetAddress;

/** What the VM knows of a station on its link. */
public record VmNeighbour(InetAddress address, MacAddress mac) {}
