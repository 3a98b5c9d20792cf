package org.holdfast.takeover.host;

import java.util.List;
import java.util.Optional;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.NetlinkSocket;
import org.holdfast.wire.MacAddress;

/** What bridges have learned. */
final class Bridges {
  private Bridges() {}

  /** Name of the port behind which a bridge believes {@code mac} to be. */
  static Optional<String> behind(NamespaceThread namespace, String bridge, MacAddress mac) {
    return namespace.call(
        () -> {
          try (NetlinkSocket netlink = NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE)) {
            List<Link> links = Links.list(netlink);
            return new ForwardingTable(netlink)
                .find(Links.bridge(links, bridge).index(), mac)
                .map(entry -> nameOf(links, entry.portIndex()));
          }
        });
  }

  private static String nameOf(List<Link> links, int index) {
    return links.stream().filter(link -> link.index() == index).findFirst().orElseThrow().name();
  }
}
