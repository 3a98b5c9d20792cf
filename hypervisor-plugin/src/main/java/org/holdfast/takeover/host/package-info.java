/**
 * Take over, hold and give back on a Linux host: nftables, rtnetlink, packet sockets, namespaces.
 * Entered through {@link org.holdfast.takeover.host.LinuxHostNetwork}.
 */
@NullMarked
package org.holdfast.takeover.host;

import org.jspecify.annotations.NullMarked;
