package org.holdfast.takeover.host;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.holdfast.linux.NetlinkSocket;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.wire.MacAddress;

/** Lists network devices through rtnetlink (RTM_GETLINK, linux/if_link.h). */
final class Links {
  private static final int RTM_GETLINK = 18;
  private static final int INTERFACE_MESSAGE_BYTES = 16;
  private static final int INTERFACE_UP = 0x1;

  private static final int IFLA_ADDRESS = 1;
  private static final int IFLA_IFNAME = 3;
  private static final int IFLA_MTU = 4;
  private static final int IFLA_MASTER = 10;
  private static final int IFLA_LINKINFO = 18;
  private static final int IFLA_INFO_KIND = 1;
  private static final int IFLA_INFO_DATA = 2;
  private static final int IFLA_INFO_SLAVE_DATA = 5;
  private static final int IFLA_BR_VLAN_FILTERING = 7;
  private static final int IFLA_BRPORT_STATE = 1;
  private static final int BR_STATE_FORWARDING = 3;

  private Links() {}

  /** All devices of the namespace that {@code netlink} belongs to. */
  static List<Link> list(NetlinkSocket netlink) {
    ByteBuffer everyLink = ByteBuffer.allocate(INTERFACE_MESSAGE_BYTES);
    return netlink.request(RTM_GETLINK, NetlinkSocket.NLM_F_DUMP, everyLink).stream()
        .map(answer -> parse(answer.payload()))
        .toList();
  }

  /**
   * The port {@code tap} of {@code bridge}.
   *
   * @throws TakeoverException if there is no such bridge, or the port is not its
   */
  static Link port(List<Link> links, String bridge, String tap) {
    Link master = bridge(links, bridge);
    return find(links, tap)
        .filter(link -> link.masterIndex() == master.index())
        .orElseThrow(
            () ->
                new TakeoverException(
                    TakeoverException.Code.PORT_MISSING,
                    "there is no port '" + tap + "' on the bridge '" + bridge + "' of this host"));
  }

  /**
   * The Linux bridge {@code name}.
   *
   * @throws TakeoverException if there is none
   */
  static Link bridge(List<Link> links, String name) {
    return find(links, name)
        .filter(Link::isBridge)
        .orElseThrow(
            () ->
                new TakeoverException(
                    TakeoverException.Code.PORT_MISSING,
                    "there is no Linux bridge '" + name + "' on this host"));
  }

  static Optional<Link> find(List<Link> links, String name) {
    return links.stream().filter(link -> link.name().equals(name)).findFirst();
  }

  private static Link parse(ByteBuffer message) {
    int index = message.getInt(4);
    boolean up = (message.getInt(8) & INTERFACE_UP) != 0;
    Told told = new Told();
    Attributes.visit(message, INTERFACE_MESSAGE_BYTES, told);
    return new Link(
        index,
        told.name,
        told.master,
        told.mac,
        told.mtu,
        up,
        told.kind,
        told.forwarding,
        told.kind.equals("bridge") && told.vlanFiltering);
  }

  private static final class Told implements Attributes.Visitor {
    private String name = "";
    private String kind = "";
    private MacAddress mac = new MacAddress(0);
    private int master;
    private int mtu;
    private boolean forwarding;
    private boolean vlanFiltering;

    @Override
    public void visit(int type, ByteBuffer value) {
      switch (type) {
        case IFLA_IFNAME -> name = text(value);
        case IFLA_MTU -> mtu = value.getInt();
        case IFLA_MASTER -> master = value.getInt();
        case IFLA_ADDRESS -> {
          if (value.remaining() == MacAddress.BYTES) {
            byte[] bytes = new byte[MacAddress.BYTES];
            value.get(bytes);
            mac = MacAddress.of(bytes);
          }
        }
        case IFLA_LINKINFO -> Attributes.visit(value, 0, this::visitLinkInfo);
        default -> {
          // the other sixty say nothing that is needed here
        }
      }
    }

    private void visitLinkInfo(int type, ByteBuffer value) {
      switch (type) {
        case IFLA_INFO_KIND -> kind = text(value);
        case IFLA_INFO_DATA ->
            Attributes.visit(
                value,
                0,
                (option, setting) ->
                    vlanFiltering |= option == IFLA_BR_VLAN_FILTERING && setting.get(0) != 0);
        case IFLA_INFO_SLAVE_DATA ->
            Attributes.visit(
                value,
                0,
                (option, setting) ->
                    forwarding |=
                        option == IFLA_BRPORT_STATE && setting.get(0) == BR_STATE_FORWARDING);
        default -> {
          // counters and the like
        }
      }
    }

    private static String text(ByteBuffer value) {
      byte[] bytes = new byte[value.remaining()];
      value.get(bytes);
      String padded = new String(bytes, StandardCharsets.UTF_8);
      int end = padded.indexOf('\0');
      return end < 0 ? padded : padded.substring(0, end);
    }
  }
}
