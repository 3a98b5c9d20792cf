package org.holdfast.migration.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;

/**
 * Whether this host's bridges will do, before anything is touched.
 *
 * @param networkClass /sys/class/net
 */
record HostBridges(Path networkClass) {
  private static final Path VLAN_FILTERING = Path.of("bridge", "vlan_filtering");

  static HostBridges ofThisHost() {
    return new HostBridges(Path.of("/sys/class/net"));
  }

  /**
   * Checks one.
   *
   * @param domain whose interface is or will be a port of it
   * @throws HoldfastException BRIDGE_MISSING_ON_TARGET, UNSUPPORTED_NETWORK_TYPE
   */
  void require(String host, String bridge, String domain) {
    boolean isName = !bridge.isEmpty() && bridge.indexOf('/') < 0 && !bridge.startsWith(".");
    if (!isName || !Files.isDirectory(networkClass.resolve(bridge).resolve("bridge"))) {
      throw new HoldfastException(
          ErrorCode.BRIDGE_MISSING_ON_TARGET,
          "Host %s has no bridge %s, to which domain %s is connected."
              .formatted(host, bridge, domain));
    }
    if (filtersVlans(bridge)) {
      throw new HoldfastException(
          ErrorCode.UNSUPPORTED_NETWORK_TYPE,
          "Bridge %s of host %s, to which domain %s is connected, filters VLANs."
              .formatted(bridge, host, domain));
    }
  }

  /** A kernel that cannot filter VLANs has no such file. */
  private boolean filtersVlans(String bridge) {
    Path setting = networkClass.resolve(bridge).resolve(VLAN_FILTERING);
    try {
      return Files.exists(setting) && !Files.readString(setting).strip().equals("0");
    } catch (IOException e) {
      throw new HoldfastException(
          ErrorCode.INTERNAL, "Bridge " + bridge + " cannot be looked at: " + e.getMessage());
    }
  }
}
