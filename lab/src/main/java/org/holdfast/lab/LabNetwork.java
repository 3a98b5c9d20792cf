package org.holdfast.lab;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * The lab's addresses: two Ethernet segments, each a docker network with IPv4 from docker's own
 * pools, and a unique local IPv6 prefix (RFC 4193) derived from the docker network's id. Docker
 * knows nothing of the IPv6 addresses: they are set by hand on the bridges in the containers, and
 * docker's bridge forwards their frames as it forwards any.
 *
 * @param segments the first carries everything, the second is for VMs with two interfaces
 */
record LabNetwork(List<Segment> segments) {
  /** How many Ethernet segments a lab has. */
  static final int SEGMENTS = 2;

  LabNetwork {
    segments = List.copyOf(segments);
  }

  /**
   * One Ethernet segment.
   *
   * @param name of the docker network
   * @param id of the docker network
   * @param subnet IPv4, {@code a.b.c.d/n}
   * @param prefix IPv6, the first 64 bits, as {@code fdxx:xxxx:xxxx:n}
   */
  record Segment(String name, String id, String subnet, String prefix) {
    Ipv4Subnet ipv4() {
      return Ipv4Subnet.parse(subnet);
    }

    /** The IPv6 address with this interface number, without its prefix length. */
    String ipv6(int number) {
      return prefix + "::" + Integer.toHexString(number);
    }
  }

  /** A unique local prefix for a docker network. */
  static String uniqueLocalPrefix(String networkId) {
    byte[] digest;
    try {
      digest =
          MessageDigest.getInstance("SHA-256").digest(networkId.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
    return String.format(
        "fd%02x:%02x%02x:%02x%02x:%02x%02x",
        digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6]);
  }

  /** The addresses of a VM's interfaces, in order. */
  List<VmInterface> vmInterfaces(int vmIndex, int count) {
    List<VmInterface> interfaces = new ArrayList<>();
    for (int segment = 0; segment < count; segment++) {
      Segment on = segments.get(segment);
      Ipv4Subnet subnet = on.ipv4();
      // The MAC holds the docker network's identity: labs share one kernel, never an address.
      String mac =
          String.format(
              "52:54:00:%02x:%s",
              vmIndex, on.id().substring(0, 4).replaceFirst("(..)(..)", "$1:$2"));
      interfaces.add(
          new VmInterface(
              "br" + segment,
              mac,
              subnet.upperHalf(vmIndex),
              subnet.prefixLength(),
              subnet.gateway(),
              on.ipv6(0x1000 + vmIndex)));
    }
    return interfaces;
  }
}
