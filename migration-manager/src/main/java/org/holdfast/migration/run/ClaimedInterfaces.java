package org.holdfast.migration.run;

import com.google.protobuf.ByteString;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.holdfast.libvirt.DomainInterface;
import org.holdfast.proto.agent.v1.GuestInterface;
import org.holdfast.proto.agent.v1.Neighbour;
import org.holdfast.proto.agent.v1.Route;
import org.holdfast.proto.v1.PrepareRequest;
import org.holdfast.takeover.HostPort;
import org.holdfast.takeover.InterfaceAddress;
import org.holdfast.takeover.VmInterface;
import org.holdfast.takeover.VmNeighbour;
import org.holdfast.takeover.VmRoute;
import org.holdfast.wire.MacAddress;

/**
 * The VM's interfaces: which there are is libvirt's word, what addresses they have is the guest's.
 * The guest is not trusted: an interface that libvirt does not know is left out, and so is whatever
 * is not an address.
 */
final class ClaimedInterfaces {
  private static final int ETHERNET_MTU = 1500;
  private static final int SMALLEST_MTU = 576;
  private static final int LARGEST_MTU = 65535;
  private static final int LARGEST_LIST = 1024;

  private ClaimedInterfaces() {}

  /** What the source of a migration says of them, as an agent would. */
  static List<GuestInterface> announced(PrepareRequest request) {
    return request.getInterfacesList().stream()
        .map(
            one ->
                GuestInterface.newBuilder()
                    .setMac(one.getMac())
                    .addAllAddresses(one.getAddressesList())
                    .build())
        .toList();
  }

  /**
   * @param domain libvirt's interfaces, all on Linux bridges, the domain active
   * @param guest the agent's answer
   */
  static List<VmInterface> of(List<DomainInterface> domain, List<GuestInterface> guest) {
    List<VmInterface> interfaces = new ArrayList<>();
    for (DomainInterface known : domain) {
      GuestInterface claimed = claimedOf(known.mac(), guest);
      interfaces.add(
          new VmInterface(
              new HostPort(
                  known.mac(),
                  known.bridge().orElseThrow(),
                  known.targetDevice().orElseThrow(),
                  known.filterReference().isPresent()),
              mtu(claimed),
              addresses(claimed),
              routes(claimed),
              neighbours(claimed)));
    }
    return interfaces;
  }

  /**
   * All that the guest says of one MAC: where eth0 is a port of a bridge or a bond in the guest,
   * that has the same MAC, and the addresses.
   */
  private static GuestInterface claimedOf(MacAddress mac, List<GuestInterface> guest) {
    GuestInterface.Builder claimed = GuestInterface.newBuilder();
    for (GuestInterface candidate : guest) {
      if (candidate.getMac().equals(mac.toByteString())) {
        claimed.mergeFrom(candidate);
      }
    }
    return claimed.build();
  }

  /** The same interfaces with only the addresses that {@code allowed} lets through. */
  static List<VmInterface> withAddresses(
      List<VmInterface> interfaces, Predicate<InterfaceAddress> allowed) {
    return interfaces.stream()
        .map(
            known ->
                new VmInterface(
                    known.port(),
                    known.mtu(),
                    known.addresses().stream().filter(allowed).toList(),
                    known.routes(),
                    known.neighbours()))
        .toList();
  }

  private static int mtu(GuestInterface claimed) {
    int mtu = claimed.getMtu();
    return mtu >= SMALLEST_MTU && mtu <= LARGEST_MTU ? mtu : ETHERNET_MTU;
  }

  private static List<InterfaceAddress> addresses(GuestInterface claimed) {
    // A bridge in the guest and its port have the same link-local address.
    Set<InterfaceAddress> addresses = new LinkedHashSet<>();
    claimed.getAddressesList().stream()
        .limit(LARGEST_LIST)
        .forEach(
            one ->
                address(one.getAddress())
                    .filter(address -> isPrefix(one.getPrefixLength(), address))
                    .ifPresent(
                        address ->
                            addresses.add(new InterfaceAddress(address, one.getPrefixLength()))));
    return List.copyOf(addresses);
  }

  private static List<VmRoute> routes(GuestInterface claimed) {
    List<VmRoute> routes = new ArrayList<>();
    for (Route route : claimed.getRoutesList().stream().limit(LARGEST_LIST).toList()) {
      Optional<InetAddress> destination = address(route.getDestination());
      Optional<InetAddress> gateway = address(route.getGateway());
      boolean isDefault = route.getDestination().isEmpty() && gateway.isPresent();
      boolean isPrefix =
          destination.isPresent() && isPrefix(route.getPrefixLength(), destination.get());
      if (isDefault || isPrefix) {
        routes.add(
            new VmRoute(
                destination.orElse(null),
                isDefault ? 0 : route.getPrefixLength(),
                gateway.orElse(null),
                route.getMetric()));
      }
    }
    return routes;
  }

  private static List<VmNeighbour> neighbours(GuestInterface claimed) {
    List<VmNeighbour> neighbours = new ArrayList<>();
    for (Neighbour one : claimed.getNeighboursList().stream().limit(LARGEST_LIST).toList()) {
      if (one.getMac().size() == MacAddress.BYTES) {
        address(one.getAddress())
            .ifPresent(
                address ->
                    neighbours.add(
                        new VmNeighbour(address, MacAddress.of(one.getMac().toByteArray()))));
      }
    }
    return neighbours;
  }

  private static boolean isPrefix(int length, InetAddress address) {
    return length >= 0 && length <= address.getAddress().length * Byte.SIZE;
  }

  private static Optional<InetAddress> address(ByteString bytes) {
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.getByAddress(bytes.toByteArray()));
    } catch (UnknownHostException notAnAddress) {
      return Optional.empty();
    }
  }
}
