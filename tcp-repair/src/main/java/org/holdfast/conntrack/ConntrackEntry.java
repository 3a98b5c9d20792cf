package org.holdfast.conntrack;

import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.holdfast.netlink.NetlinkAttributes;
import org.holdfast.netlink.NetlinkException;
import org.holdfast.netlink.NetlinkPayload;
import org.holdfast.tcp.TcpState;

/**
 * One entry of the connection tracking table, as ctnetlink speaks of it
 * (include/uapi/linux/netfilter/nfnetlink_conntrack.h). Bytes only, no kernel. Numbers are in
 * network order.
 */
public final class ConntrackEntry {
  /** Length of struct nfgenmsg. */
  static final int FIXED_BYTES = 4;

  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int IPPROTO_TCP = 6;

  private static final int CTA_TUPLE_ORIG = 1;
  private static final int CTA_TUPLE_REPLY = 2;
  private static final int CTA_STATUS = 3;
  private static final int CTA_PROTOINFO = 4;
  private static final int CTA_TIMEOUT = 7;
  private static final int CTA_MARK = 8;
  private static final int CTA_TUPLE_IP = 1;
  private static final int CTA_TUPLE_PROTO = 2;
  private static final int CTA_PROTOINFO_TCP = 1;
  private static final int CTA_PROTOINFO_TCP_STATE = 1;
  private static final int CTA_PROTOINFO_TCP_WSCALE_ORIGINAL = 2;
  private static final int CTA_PROTOINFO_TCP_WSCALE_REPLY = 3;
  private static final int CTA_PROTOINFO_TCP_FLAGS_ORIGINAL = 4;
  private static final int CTA_PROTOINFO_TCP_FLAGS_REPLY = 5;

  private static final int IPS_SEEN_REPLY = 0x2;
  private static final int IPS_ASSURED = 0x4;
  private static final int IPS_CONFIRMED = 0x8;
  private static final int IPS_NAT_MASK = 0x30;

  private static final byte WINDOW_SCALE_AND_SACK = 0x3;
  private static final byte BE_LIBERAL = 0x8;

  private final int family;
  private final ByteBuffer bytes;
  private final NetlinkAttributes attributes;

  private ConntrackEntry(int family, ByteBuffer bytes, NetlinkAttributes attributes) {
    this.family = family;
    this.bytes = bytes;
    this.attributes = attributes;
  }

  /**
   * Reads the kernel's answer to a {@link #query}.
   *
   * @param payload position to limit; not to be changed afterwards
   * @throws org.holdfast.netlink.NetlinkException if it is none
   */
  public static ConntrackEntry parse(ByteBuffer payload) {
    if (payload.remaining() < FIXED_BYTES) {
      throw new NetlinkException(
          payload.remaining() + " bytes", "an entry has at least " + FIXED_BYTES);
    }
    return new ConntrackEntry(
        payload.get(payload.position()),
        payload,
        NetlinkAttributes.after(payload.slice(), FIXED_BYTES));
  }

  /** The kernel's words, as {@link #parse} reads them. */
  public ByteBuffer bytes() {
    return bytes.duplicate();
  }

  /**
   * Whether it is the entry of this connection, whichever side began it: of an entry that came from
   * elsewhere nothing else says so.
   */
  public boolean isOf(InetSocketAddress local, InetSocketAddress peer) {
    NetlinkAttributes original = attributes.nested(CTA_TUPLE_ORIG);
    NetlinkAttributes reply = attributes.nested(CTA_TUPLE_REPLY);
    return (goes(original, local, peer) && goes(reply, peer, local))
        || (goes(original, peer, local) && goes(reply, local, peer));
  }

  private static boolean goes(
      NetlinkAttributes tuple, InetSocketAddress from, InetSocketAddress to) {
    boolean ipv4 = from.getAddress() instanceof Inet4Address;
    NetlinkAttributes addresses = tuple.nested(CTA_TUPLE_IP);
    NetlinkAttributes protocol = tuple.nested(CTA_TUPLE_PROTO);
    return Arrays.equals(addresses.bytes(ipv4 ? 1 : 3), from.getAddress().getAddress())
        && Arrays.equals(addresses.bytes(ipv4 ? 2 : 4), to.getAddress().getAddress())
        && Arrays.equals(protocol.bytes(1), new byte[] {IPPROTO_TCP})
        && Arrays.equals(protocol.bytes(2), port(from))
        && Arrays.equals(protocol.bytes(3), port(to));
  }

  /** Names the entry of a connection, whichever side began it; to find it and to delete it. */
  static ByteBuffer query(InetSocketAddress local, InetSocketAddress peer) {
    boolean ipv4 = local.getAddress() instanceof Inet4Address;
    NetlinkPayload payload = header(ipv4 ? AF_INET : AF_INET6);
    return payload
        .nested(
            CTA_TUPLE_ORIG,
            () -> {
              payload.nested(
                  CTA_TUPLE_IP,
                  () ->
                      payload
                          .attribute(ipv4 ? 1 : 3, local.getAddress().getAddress())
                          .attribute(ipv4 ? 2 : 4, peer.getAddress().getAddress()));
              payload.nested(
                  CTA_TUPLE_PROTO,
                  () ->
                      payload
                          .attribute(1, new byte[] {IPPROTO_TCP})
                          .attribute(2, port(local))
                          .attribute(3, port(peer)));
            })
        .build();
  }

  /** Whether addresses or ports are rewritten on the way: such an entry cannot be made anew. */
  public boolean isTranslated() {
    byte[] status = attributes.bytes(CTA_STATUS);
    return status.length == Integer.BYTES && (ByteBuffer.wrap(status).getInt() & IPS_NAT_MASK) != 0;
  }

  /**
   * The same entry without a memory of sequence numbers: the kernel learns them from the next
   * packet of each side.
   */
  ByteBuffer renewed(TcpState state) {
    NetlinkPayload payload = header(family);
    payload.attribute(CTA_TUPLE_ORIG | NetlinkPayload.NESTED, attributes.bytes(CTA_TUPLE_ORIG));
    payload.attribute(CTA_TUPLE_REPLY | NetlinkPayload.NESTED, attributes.bytes(CTA_TUPLE_REPLY));
    payload.networkNumber32(CTA_STATUS, IPS_SEEN_REPLY | IPS_ASSURED | IPS_CONFIRMED);
    payload.networkNumber32(CTA_TIMEOUT, timeoutSeconds(state));
    if (attributes.has(CTA_MARK)) {
      payload.attribute(CTA_MARK, attributes.bytes(CTA_MARK));
    }
    return protocolInfo(payload, WINDOW_SCALE_AND_SACK, number(state)).build();
  }

  /** Tells the kernel not to judge this connection by its sequence numbers any more. */
  ByteBuffer liberal() {
    NetlinkPayload payload = header(family);
    payload.attribute(CTA_TUPLE_ORIG | NetlinkPayload.NESTED, attributes.bytes(CTA_TUPLE_ORIG));
    byte[] flags = {BE_LIBERAL, BE_LIBERAL};
    return payload
        .nested(
            CTA_PROTOINFO,
            () ->
                payload.nested(
                    CTA_PROTOINFO_TCP,
                    () ->
                        payload
                            .attribute(CTA_PROTOINFO_TCP_FLAGS_ORIGINAL, flags)
                            .attribute(CTA_PROTOINFO_TCP_FLAGS_REPLY, flags)))
        .build();
  }

  private NetlinkPayload protocolInfo(NetlinkPayload payload, byte mask, int state) {
    NetlinkAttributes before = attributes.nested(CTA_PROTOINFO).nested(CTA_PROTOINFO_TCP);
    return payload.nested(
        CTA_PROTOINFO,
        () ->
            payload.nested(
                CTA_PROTOINFO_TCP,
                () -> {
                  payload.attribute(CTA_PROTOINFO_TCP_STATE, new byte[] {(byte) state});
                  copy(payload, before, CTA_PROTOINFO_TCP_WSCALE_ORIGINAL);
                  copy(payload, before, CTA_PROTOINFO_TCP_WSCALE_REPLY);
                  copyFlags(payload, before, CTA_PROTOINFO_TCP_FLAGS_ORIGINAL, mask);
                  copyFlags(payload, before, CTA_PROTOINFO_TCP_FLAGS_REPLY, mask);
                }));
  }

  private static void copy(NetlinkPayload payload, NetlinkAttributes from, int type) {
    if (from.has(type)) {
      payload.attribute(type, from.bytes(type));
    }
  }

  /** Flags are set by value and mask; the kernel tells them with a mask of 0. */
  private static void copyFlags(
      NetlinkPayload payload, NetlinkAttributes from, int type, byte mask) {
    byte[] flags = from.bytes(type);
    if (flags.length == 2) {
      payload.attribute(type, new byte[] {flags[0], mask});
    }
  }

  /** enum tcp_conntrack of nf_conntrack_tcp.h. */
  private static int number(TcpState state) {
    return switch (state) {
      case FIN_WAIT1 -> 4;
      case FIN_WAIT2, CLOSE_WAIT -> 5;
      case CLOSING, LAST_ACK -> 6;
      case TIME_WAIT -> 7;
      case CLOSE -> 8;
      case ESTABLISHED, SYN_SENT, SYN_RECV, LISTEN -> 3;
    };
  }

  /** The kernel's own defaults (nf_conntrack_proto_tcp.c), seconds. */
  private static int timeoutSeconds(TcpState state) {
    return switch (number(state)) {
      case 3 -> 432_000;
      case 4, 7 -> 120;
      case 5 -> 60;
      case 6 -> 30;
      default -> 10;
    };
  }

  private static NetlinkPayload header(int family) {
    return new NetlinkPayload().number8(family).number8(0).number16(0);
  }

  private static byte[] port(InetSocketAddress endpoint) {
    return new byte[] {(byte) (endpoint.getPort() >>> 8), (byte) endpoint.getPort()};
  }
}
