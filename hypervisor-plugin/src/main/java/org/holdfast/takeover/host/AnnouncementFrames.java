package org.holdfast.takeover.host;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.takeover.InterfaceAddress;
import org.holdfast.takeover.VmInterface;
import org.holdfast.wire.MacAddress;

/** Frames that say "this address is here" and that ask "who has this address?". */
final class AnnouncementFrames {
  static final int ETHERTYPE_ARP = 0x0806;
  static final int ETHERTYPE_RARP = 0x8035;
  static final int ETHERTYPE_IPV6 = 0x86dd;
  static final int ARP_REQUEST = 1;
  static final int ARP_REPLY = 2;
  static final int NEIGHBOUR_SOLICITATION = 135;
  static final int NEIGHBOUR_ADVERTISEMENT = 136;

  private static final int ETHERNET_BYTES = 14;
  private static final int ARP_BYTES = 28;
  private static final int IPV6_HEADER_BYTES = 40;
  private static final int NEIGHBOUR_MESSAGE_BYTES = 32;
  private static final int RARP_REQUEST = 3;
  private static final int ICMPV6 = 58;
  private static final int OVERRIDE = 0x20000000;
  private static final int SOURCE_LINK_ADDRESS = 1;
  private static final int TARGET_LINK_ADDRESS = 2;
  private static final MacAddress BROADCAST = new MacAddress(0xffffffffffffL);
  private static final MacAddress ALL_NODES = new MacAddress(0x333300000001L);
  private static final MacAddress NOBODY = new MacAddress(0);
  private static final byte[] UNSPECIFIED = new byte[4];
  private static final byte[] ALL_NODES_GROUP = {
    (byte) 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
  };

  private AnnouncementFrames() {}

  /**
   * All that announces an interface: gratuitous ARP in both forms (RFC 5944, 4.6), unsolicited
   * neighbour advertisements (RFC 4861, 7.2.6), and for an interface without an address a reverse
   * ARP, from which switches learn the MAC all the same.
   */
  static List<byte[]> announcing(VmInterface vmInterface) {
    List<byte[]> frames = new ArrayList<>();
    MacAddress mac = vmInterface.mac();
    for (InterfaceAddress own : vmInterface.addresses()) {
      byte[] address = own.address().getAddress();
      if (own.address() instanceof Inet4Address) {
        frames.add(arp(BROADCAST, ETHERTYPE_ARP, ARP_REQUEST, mac, address, NOBODY, address));
        frames.add(arp(BROADCAST, ETHERTYPE_ARP, ARP_REPLY, mac, address, BROADCAST, address));
      } else {
        frames.add(
            neighbour(mac, ALL_NODES, address, ALL_NODES_GROUP, NEIGHBOUR_ADVERTISEMENT, address));
      }
    }
    if (frames.isEmpty()) {
      frames.add(arp(BROADCAST, ETHERTYPE_RARP, RARP_REQUEST, mac, UNSPECIFIED, mac, UNSPECIFIED));
    }
    return frames;
  }

  /**
   * Asks who has an address, without claiming one: an ARP probe (RFC 5227) or a neighbour
   * solicitation from the asker's own link-local address.
   */
  static byte[] asking(MacAddress asker, InetAddress address) {
    byte[] wanted = address.getAddress();
    if (address instanceof Inet4Address) {
      return arp(BROADCAST, ETHERTYPE_ARP, ARP_REQUEST, asker, UNSPECIFIED, NOBODY, wanted);
    }
    byte[] group = {(byte) 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, (byte) 0xff, 0, 0, 0};
    System.arraycopy(wanted, 13, group, 13, 3);
    long groupMac = 0x3333ff000000L;
    for (int i = 13; i < 16; i++) {
      groupMac |= (wanted[i] & 0xffL) << 8 * (15 - i);
    }
    return neighbour(
        asker, new MacAddress(groupMac), linkLocal(asker), group, NEIGHBOUR_SOLICITATION, wanted);
  }

  /** RFC 4291, appendix A. */
  private static byte[] linkLocal(MacAddress mac) {
    byte[] m = mac.octets();
    return new byte[] {
      (byte) 0xfe,
      (byte) 0x80,
      0,
      0,
      0,
      0,
      0,
      0,
      (byte) (m[0] ^ 2),
      m[1],
      m[2],
      (byte) 0xff,
      (byte) 0xfe,
      m[3],
      m[4],
      m[5]
    };
  }

  private static byte[] arp(
      MacAddress destination,
      int etherType,
      int operation,
      MacAddress sender,
      byte[] senderAddress,
      MacAddress target,
      byte[] targetAddress) {
    ByteBuffer frame = ByteBuffer.allocate(ETHERNET_BYTES + ARP_BYTES);
    frame.put(destination.octets()).put(sender.octets()).putShort((short) etherType);
    frame.putShort((short) 1).putShort((short) 0x0800).put((byte) 6).put((byte) 4);
    frame.putShort((short) operation).put(sender.octets()).put(senderAddress);
    frame.put(target.octets()).put(targetAddress);
    return frame.array();
  }

  private static byte[] neighbour(
      MacAddress source,
      MacAddress destination,
      byte[] sourceAddress,
      byte[] destinationAddress,
      int type,
      byte[] target) {
    boolean advertisement = type == NEIGHBOUR_ADVERTISEMENT;
    ByteBuffer frame =
        ByteBuffer.allocate(ETHERNET_BYTES + IPV6_HEADER_BYTES + NEIGHBOUR_MESSAGE_BYTES);
    frame.put(destination.octets()).put(source.octets()).putShort((short) ETHERTYPE_IPV6);
    frame.putInt(0x60000000).putShort((short) NEIGHBOUR_MESSAGE_BYTES);
    frame.put((byte) ICMPV6).put((byte) 255).put(sourceAddress).put(destinationAddress);
    frame.put((byte) type).put((byte) 0).putShort((short) 0);
    frame.putInt(advertisement ? OVERRIDE : 0).put(target);
    frame.put((byte) (advertisement ? TARGET_LINK_ADDRESS : SOURCE_LINK_ADDRESS)).put((byte) 1);
    frame.put(source.octets());
    int message = ETHERNET_BYTES + IPV6_HEADER_BYTES;
    frame.putShort(message + 2, checksum(frame));
    return frame.array();
  }

  /** RFC 4443, 2.3: over both addresses, length, next header and message. */
  private static short checksum(ByteBuffer frame) {
    int sum = NEIGHBOUR_MESSAGE_BYTES + ICMPV6;
    for (int i = ETHERNET_BYTES + 8; i < frame.capacity(); i += 2) {
      sum += Short.toUnsignedInt(frame.getShort(i));
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return (short) ~sum;
  }
}
