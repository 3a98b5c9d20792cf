package org.holdfast.takeover.host;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.holdfast.wire.MacAddress;

/**
 * Names of what a takeover makes on a host. They begin alike, so that what a dead daemon left
 * behind is recognised.
 *
 * @param id six hexadecimal digits
 */
record OwnNames(String id) {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Pattern NAMESPACE = Pattern.compile("hf-[0-9a-f]{6}");
  private static final Pattern LINK = Pattern.compile("hf[0-9a-f]{6}[tk][0-9]{1,3}");

  static OwnNames random() {
    byte[] bytes = new byte[3];
    RANDOM.nextBytes(bytes);
    return new OwnNames(HexFormat.of().formatHex(bytes));
  }

  static boolean isNamespace(String name) {
    return NAMESPACE.matcher(name).matches();
  }

  static boolean isLink(String name) {
    return LINK.matcher(name).matches();
  }

  String namespace() {
    return "hf-" + id;
  }

  /** The bridge's port to the VM's interface number {@code i} as the namespace plays it. */
  String takeoverPort(int i) {
    return "hf" + id + "t" + i;
  }

  /** The bridge's port where frames for that interface wait. */
  String parkingPort(int i) {
    return "hf" + id + "k" + i;
  }

  /** Both kinds of ports, of so many interfaces. */
  List<String> ports(int interfaces) {
    List<String> ports = new ArrayList<>();
    for (int i = 0; i < interfaces; i++) {
      ports.add(takeoverPort(i));
      ports.add(parkingPort(i));
    }
    return ports;
  }

  /** The id in the name of a namespace or a link of ours. */
  static String idIn(String name) {
    return name.startsWith("hf-") ? name.substring(3, 9) : name.substring(2, 8);
  }

  /** That interface inside the namespace. */
  static String inside(int i) {
    return "eth" + i;
  }

  /** What the parking port leads to inside the namespace. */
  static String insideParking(int i) {
    return "park" + i;
  }

  /**
   * The bridge's end of a link gets an address of its own. A bridge takes the lowest address among
   * its ports for its own unless told otherwise, hence the high first byte, as libvirt does it.
   */
  MacAddress portMac(int number) {
    return new MacAddress(0xfe_48_00_00_00_00L | Long.parseLong(id, 16) << 8 | (number & 0xff));
  }
}
