package org.holdfast.takeover.host;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;
import org.holdfast.wire.MacAddress;

/**
 * Somebody's word that an address is theirs: an ARP reply or a neighbour advertisement.
 *
 * @param source the frame's source
 * @param claimedMac the MAC that is to have the address, by what the message says
 */
record AddressAnswer(MacAddress source, MacAddress claimedMac, InetAddress address) {
  private static final int SOURCE = 6;
  private static final int ETHERTYPE = 12;
  private static final int ARP_OPERATION = 20;
  private static final int ARP_SENDER = 22;
  private static final int ARP_BYTES = 42;
  private static final int ICMPV6_TYPE = 54;
  private static final int ADVERTISED_TARGET = 62;
  private static final int OPTION = 78;
  private static final int TARGET_LINK_ADDRESS = 2;

  /** Reads a frame; empty if it is anything else. */
  static Optional<AddressAnswer> parse(byte[] frame) {
    if (frame.length < ARP_BYTES) {
      return Optional.empty();
    }
    int etherType = unsignedShort(frame, ETHERTYPE);
    if (etherType == AnnouncementFrames.ETHERTYPE_ARP
        && unsignedShort(frame, ARP_OPERATION) == AnnouncementFrames.ARP_REPLY) {
      return Optional.of(
          new AddressAnswer(
              MacAddress.at(frame, SOURCE),
              MacAddress.at(frame, ARP_SENDER),
              address(frame, ARP_SENDER + MacAddress.BYTES, 4)));
    }
    if (etherType == AnnouncementFrames.ETHERTYPE_IPV6
        && frame.length >= OPTION
        && (frame[ICMPV6_TYPE] & 0xff) == AnnouncementFrames.NEIGHBOUR_ADVERTISEMENT) {
      MacAddress source = MacAddress.at(frame, SOURCE);
      boolean named = frame.length >= OPTION + 8 && frame[OPTION] == TARGET_LINK_ADDRESS;
      return Optional.of(
          new AddressAnswer(
              source,
              named ? MacAddress.at(frame, OPTION + 2) : source,
              address(frame, ADVERTISED_TARGET, 16)));
    }
    return Optional.empty();
  }

  private static int unsignedShort(byte[] frame, int offset) {
    return (frame[offset] & 0xff) << 8 | (frame[offset + 1] & 0xff);
  }

  private static InetAddress address(byte[] frame, int offset, int length) {
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(frame, offset, offset + length));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 and 16 bytes are an address", e);
    }
  }
}
