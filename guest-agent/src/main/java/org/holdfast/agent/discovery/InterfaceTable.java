package org.holdfast.agent.discovery;

import com.google.protobuf.ByteString;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.holdfast.linux.NetlinkMessage;
import org.holdfast.linux.NetlinkSocket;
import org.holdfast.netlink.NetlinkException;
import org.holdfast.netlink.NetlinkPayload;
import org.holdfast.proto.agent.v1.GuestInterface;
import org.holdfast.proto.agent.v1.Neighbour;
import org.holdfast.wire.InterfaceResolver;
import org.holdfast.wire.MacAddress;

/** The guest's Ethernet interfaces at one moment, with all that their connections need. */
public final class InterfaceTable implements InterfaceResolver {
  /**
   * A subnet can hold thousands of neighbours; the host needs those of a few gateways and peers.
   */
  private static final int MAXIMUM_NEIGHBOURS = 1024;

  private final Map<Integer, GuestInterface> byIndex;
  private final Set<InetAddress> addresses;

  private InterfaceTable(Map<Integer, GuestInterface> byIndex, Set<InetAddress> addresses) {
    this.byIndex = byIndex;
    this.addresses = addresses;
  }

  /** Asks the kernel, through a socket of the namespace in question. */
  static InterfaceTable read(NetlinkSocket route) {
    return of(
        dump(route, RouteMessages.RTM_GETLINK, RouteMessages.LINK_BYTES),
        dump(route, RouteMessages.RTM_GETADDR, RouteMessages.ADDRESS_BYTES),
        dump(route, RouteMessages.RTM_GETROUTE, RouteMessages.ROUTE_BYTES),
        dump(route, RouteMessages.RTM_GETNEIGH, RouteMessages.NEIGHBOUR_BYTES));
  }

  /** Puts four dumps together. */
  static InterfaceTable of(
      List<NetlinkMessage> links,
      List<NetlinkMessage> addresses,
      List<NetlinkMessage> routes,
      List<NetlinkMessage> neighbours) {
    Map<Integer, GuestInterface.Builder> building = new LinkedHashMap<>();
    for (NetlinkMessage message : links) {
      RouteMessages.link(message).ifPresent(link -> building.put(link.index(), begin(link)));
    }
    Set<InetAddress> own = new HashSet<>();
    for (NetlinkMessage message : addresses) {
      var address = RouteMessages.address(message);
      own.add(inetAddress(address.value().getAddress()));
      of(building, address.index()).ifPresent(found -> found.addAddresses(address.value()));
    }
    for (NetlinkMessage message : routes) {
      RouteMessages.route(message)
          .ifPresent(
              entry ->
                  of(building, entry.index()).ifPresent(found -> found.addRoutes(entry.value())));
    }
    addNeighbours(neighbours, building);
    Map<Integer, GuestInterface> byIndex = new LinkedHashMap<>();
    building.forEach((index, builder) -> byIndex.put(index, builder.build()));
    return new InterfaceTable(byIndex, own);
  }

  private static GuestInterface.Builder begin(RouteMessages.Link link) {
    return GuestInterface.newBuilder().setName(link.name()).setMac(link.mac()).setMtu(link.mtu());
  }

  private static void addNeighbours(
      List<NetlinkMessage> messages, Map<Integer, GuestInterface.Builder> building) {
    Map<Integer, Integer> counts = new HashMap<>();
    for (NetlinkMessage message : messages) {
      Optional<RouteMessages.OfInterface<Neighbour>> entry = RouteMessages.neighbour(message);
      if (entry.isPresent()
          && counts.merge(entry.get().index(), 1, Integer::sum) <= MAXIMUM_NEIGHBOURS) {
        of(building, entry.get().index())
            .ifPresent(found -> found.addNeighbours(entry.get().value()));
      }
    }
  }

  private static Optional<GuestInterface.Builder> of(
      Map<Integer, GuestInterface.Builder> building, int index) {
    return Optional.ofNullable(building.get(index));
  }

  private static List<NetlinkMessage> dump(NetlinkSocket route, int type, int fixedBytes) {
    return route.request(
        type, NetlinkSocket.NLM_F_DUMP, new NetlinkPayload().zeros(fixedBytes).build());
  }

  private static InetAddress inetAddress(ByteString bytes) {
    try {
      return InetAddress.getByAddress(bytes.toByteArray());
    } catch (UnknownHostException e) {
      throw new NetlinkException("an address of " + bytes.size() + " bytes", "expected 4 or 16");
    }
  }

  /** The Ethernet interfaces, in the kernel's order. */
  public Collection<GuestInterface> interfaces() {
    return byIndex.values();
  }

  /** Whether packets to {@code address} never leave this guest. */
  boolean isLocal(InetAddress address) {
    return address.isLoopbackAddress() || addresses.contains(address);
  }

  @Override
  public Optional<MacAddress> macOf(int interfaceIndex) {
    GuestInterface found = byIndex.get(interfaceIndex);
    return found == null
        ? Optional.empty()
        : Optional.of(MacAddress.of(found.getMac().toByteArray()));
  }

  @Override
  public OptionalInt indexOf(MacAddress mac) {
    // A bridge or bond in the guest has the MAC of one of its ports, and the addresses instead.
    return byIndex.entrySet().stream()
        .filter(entry -> entry.getValue().getMac().equals(mac.toByteString()))
        .max(Comparator.comparingInt(entry -> entry.getValue().getAddressesCount()))
        .map(entry -> OptionalInt.of(entry.getKey()))
        .orElse(OptionalInt.empty());
  }
}
