package org.holdfast.agent.discovery;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.holdfast.linux.NetlinkMessage;
import org.holdfast.netlink.NetlinkAttributes;
import org.holdfast.netlink.NetlinkException;
import org.holdfast.proto.agent.v1.InterfaceAddress;
import org.holdfast.proto.agent.v1.Neighbour;
import org.holdfast.proto.agent.v1.Route;

/** The messages of rtnetlink (include/uapi/linux/rtnetlink.h). Bytes only, no kernel. */
final class RouteMessages {
  static final int RTM_NEWLINK = 16;
  static final int RTM_GETLINK = 18;
  static final int RTM_NEWADDR = 20;
  static final int RTM_GETADDR = 22;
  static final int RTM_NEWROUTE = 24;
  static final int RTM_GETROUTE = 26;
  static final int RTM_NEWNEIGH = 28;
  static final int RTM_GETNEIGH = 30;

  /** Length of struct ifinfomsg. */
  static final int LINK_BYTES = 16;

  /** Length of struct ifaddrmsg. */
  static final int ADDRESS_BYTES = 8;

  /** Length of struct rtmsg. */
  static final int ROUTE_BYTES = 12;

  /** Length of struct ndmsg. */
  static final int NEIGHBOUR_BYTES = 12;

  private static final int ARPHRD_ETHER = 1;
  private static final int IFLA_ADDRESS = 1;
  private static final int IFLA_IFNAME = 3;
  private static final int IFLA_MTU = 4;
  private static final int IFLA_LINKINFO = 18;
  private static final int IFLA_INFO_KIND = 1;
  private static final String VLAN = "vlan";
  private static final int IFA_ADDRESS = 1;
  private static final int IFA_LOCAL = 2;
  private static final int RT_TABLE_MAIN = 254;
  private static final int RTN_UNICAST = 1;
  private static final int RTA_DST = 1;
  private static final int RTA_OIF = 4;
  private static final int RTA_GATEWAY = 5;
  private static final int RTA_PRIORITY = 6;
  private static final int RTA_TABLE = 15;
  private static final int NDA_DST = 1;
  private static final int NDA_LLADDR = 2;

  /** REACHABLE, STALE, DELAY, PROBE, PERMANENT: an Ethernet address is known. */
  private static final int NUD_KNOWN = 0x02 | 0x04 | 0x08 | 0x10 | 0x80;

  private RouteMessages() {}

  /** An Ethernet interface. */
  record Link(int index, String name, ByteString mac, int mtu) {}

  /** Something that belongs to an interface. */
  record OfInterface<T>(int index, T value) {}

  /**
   * An RTM_NEWLINK; empty if it is no Ethernet interface, or one for a VLAN: its frames carry a
   * tag, which the host does not put on for the VM.
   */
  static Optional<Link> link(NetlinkMessage message) {
    ByteBuffer fixed = fixed(message, RTM_NEWLINK, LINK_BYTES);
    NetlinkAttributes attributes = NetlinkAttributes.after(fixed, LINK_BYTES);
    ByteString mac = ByteString.copyFrom(attributes.bytes(IFLA_ADDRESS));
    boolean tagged = attributes.nested(IFLA_LINKINFO).text(IFLA_INFO_KIND).equals(VLAN);
    if (fixed.getShort(2) != ARPHRD_ETHER || mac.size() != 6 || tagged) {
      return Optional.empty();
    }
    return Optional.of(
        new Link(
            fixed.getInt(4), attributes.text(IFLA_IFNAME), mac, attributes.integer(IFLA_MTU, 0)));
  }

  /** An RTM_NEWADDR. */
  static OfInterface<InterfaceAddress> address(NetlinkMessage message) {
    ByteBuffer fixed = fixed(message, RTM_NEWADDR, ADDRESS_BYTES);
    NetlinkAttributes attributes = NetlinkAttributes.after(fixed, ADDRESS_BYTES);
    // On a point-to-point link IFA_ADDRESS is the other end; IFA_LOCAL, if there, is always ours.
    byte[] address = attributes.bytes(attributes.has(IFA_LOCAL) ? IFA_LOCAL : IFA_ADDRESS);
    return new OfInterface<>(
        fixed.getInt(4),
        InterfaceAddress.newBuilder()
            .setAddress(ByteString.copyFrom(address))
            .setPrefixLength(fixed.get(1) & 0xff)
            .build());
  }

  /** An RTM_NEWROUTE; empty if it is not a plain route of the main table over one interface. */
  static Optional<OfInterface<Route>> route(NetlinkMessage message) {
    ByteBuffer fixed = fixed(message, RTM_NEWROUTE, ROUTE_BYTES);
    NetlinkAttributes attributes = NetlinkAttributes.after(fixed, ROUTE_BYTES);
    int table = attributes.integer(RTA_TABLE, fixed.get(4) & 0xff);
    int output = attributes.integer(RTA_OIF, 0);
    if (table != RT_TABLE_MAIN || fixed.get(7) != RTN_UNICAST || output == 0) {
      return Optional.empty();
    }
    Route route =
        Route.newBuilder()
            .setDestination(ByteString.copyFrom(attributes.bytes(RTA_DST)))
            .setPrefixLength(fixed.get(1) & 0xff)
            .setGateway(ByteString.copyFrom(attributes.bytes(RTA_GATEWAY)))
            .setMetric(attributes.integer(RTA_PRIORITY, 0))
            .build();
    boolean says = !route.getDestination().isEmpty() || !route.getGateway().isEmpty();
    return says ? Optional.of(new OfInterface<>(output, route)) : Optional.empty();
  }

  /** An RTM_NEWNEIGH; empty if its Ethernet address is not known. */
  static Optional<OfInterface<Neighbour>> neighbour(NetlinkMessage message) {
    ByteBuffer fixed = fixed(message, RTM_NEWNEIGH, NEIGHBOUR_BYTES);
    NetlinkAttributes attributes = NetlinkAttributes.after(fixed, NEIGHBOUR_BYTES);
    ByteString mac = ByteString.copyFrom(attributes.bytes(NDA_LLADDR));
    if ((fixed.getShort(8) & NUD_KNOWN) == 0 || mac.size() != 6) {
      return Optional.empty();
    }
    return Optional.of(
        new OfInterface<>(
            fixed.getInt(4),
            Neighbour.newBuilder()
                .setAddress(ByteString.copyFrom(attributes.bytes(NDA_DST)))
                .setMac(mac)
                .build()));
  }

  private static ByteBuffer fixed(NetlinkMessage message, int type, int bytes) {
    if (message.type() != type || message.payload().limit() < bytes) {
      throw new NetlinkException(
          "an rtnetlink message of type " + message.type(), "expected " + type);
    }
    return message.payload();
  }
}
