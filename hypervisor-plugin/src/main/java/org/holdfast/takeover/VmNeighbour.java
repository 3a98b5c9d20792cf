package org.holdfast.takeover;

import java.net.InetAddress;
import org.holdfast.wire.MacAddress;

/** What the VM knows of a station on its link. */
public record VmNeighbour(InetAddress address, MacAddress mac) {}
