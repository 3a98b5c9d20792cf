package org.holdfast.takeover.host;

import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import org.holdfast.takeover.InterfaceAddress;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.takeover.TakeoverException.Code;
import org.holdfast.takeover.VmInterface;
import org.holdfast.takeover.VmNeighbour;
import org.holdfast.takeover.VmRoute;

/**
 * The VM's addresses, routes and neighbours as commands for {@code ip}, for one interface inside
 * the namespace.
 */
final class AddressPlan {
  /**
   * A copy has no round-trip time of its own yet. Without this its first retransmission waits the
   * initial RTO, a whole second; with it about 80 ms. A wrong guess costs one segment sent twice.
   */
  private static final String FIRST_TIMEOUT = "rtt 20ms rto_min 60ms";

  private final VmInterface vmInterface;
  private final String device;

  AddressPlan(VmInterface vmInterface, String device) {
    this.vmInterface = vmInterface;
    this.device = device;
  }

  /** Without these nothing can be held. */
  void addAddresses(IpBatch batch) {
    for (InterfaceAddress own : vmInterface.addresses()) {
      boolean linkLocal = own.address().isLinkLocalAddress();
      batch.add(
          "address add %s/%d dev %s%s%s",
          SilenceRules.text(own.address()),
          own.prefixLength(),
          device,
          own.address().getAddress().length == 16 ? " nodad" : "",
          linkLocal ? "" : " noprefixroute");
    }
  }

  /** Without one of these some peers cannot be reached; the others can. */
  void addRoutes(IpBatch batch) {
    Set<String> onLink = new LinkedHashSet<>();
    for (InterfaceAddress own : vmInterface.addresses()) {
      if (!Subnet.isSingle(own) && !own.address().isLinkLocalAddress()) {
        onLink.add(subnet(own));
      }
    }
    Set<String> gateways = new LinkedHashSet<>();
    for (VmRoute route : vmInterface.routes()) {
      if (isSane(route)) {
        (route.gateway() == null ? onLink : gateways).add(route(route));
      }
    }
    onLink.removeIf(destination -> destination.startsWith("fe80:"));
    onLink.forEach(
        destination -> batch.add("route append %s dev %s %s", destination, device, FIRST_TIMEOUT));
    gateways.forEach(
        route -> batch.add("route append %s dev %s onlink %s", route, device, FIRST_TIMEOUT));
    for (VmNeighbour neighbour : vmInterface.neighbours()) {
      batch.add(
          "neighbour replace %s lladdr %s dev %s nud stale",
          SilenceRules.text(neighbour.address()), neighbour.mac(), device);
    }
  }

  /** Routes are the guest's word; a nonsensical one is left out. */
  private static boolean isSane(VmRoute route) {
    InetAddress destination = route.destination();
    return destination == null
        || (route.prefixLength() >= 0
            && route.prefixLength() <= destination.getAddress().length * 8);
  }

  private static String subnet(InterfaceAddress own) {
    try {
      return Subnet.of(own.address(), own.prefixLength());
    } catch (IllegalArgumentException e) {
      throw new TakeoverException(
          Code.NAMESPACE_FAILED, "the VM has an address that cannot be: " + own, e);
    }
  }

  private static String route(VmRoute route) {
    StringBuilder words = new StringBuilder();
    if (route.destination() == null) {
      words.append("default");
    } else {
      words.append(Subnet.of(route.destination(), route.prefixLength()));
    }
    if (route.gateway() != null) {
      words.append(" via ").append(SilenceRules.text(route.gateway()));
    }
    if (route.metric() > 0) {
      words.append(String.format(Locale.ROOT, " metric %d", route.metric()));
    }
    return words.toString();
  }
}
