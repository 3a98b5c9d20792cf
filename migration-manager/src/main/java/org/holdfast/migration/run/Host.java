package org.holdfast.migration.run;

import java.time.Duration;
import org.holdfast.configuration.DaemonConfiguration;
import org.holdfast.libvirt.LibvirtConnection;
import org.holdfast.migration.hold.Holdings;
import org.holdfast.migration.transfer.Peers;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.HostNetwork;

/**
 * What every operation on this host works with.
 *
 * @param configuration of the daemon
 * @param libvirtAccess to this host's libvirt
 * @param network of this host
 * @param holdings everything this host holds
 * @param peers the daemons of other hosts
 */
public record Host(
    DaemonConfiguration configuration,
    LibvirtAccess libvirtAccess,
    HostNetwork network,
    Holdings holdings,
    Peers peers) {

  /** How long a claim is repeated: longer than any peer's patience with an unheard holder. */
  static final Duration CLAIM_BOUND = Duration.ofMinutes(15);

  /** A living connection to this host's libvirt. */
  LibvirtConnection libvirt() {
    return libvirtAccess.connection();
  }

  /** What other hosts call this one. */
  String name() {
    return configuration.hostName();
  }

  /** Where other hosts reach this daemon, host:port. */
  String address() {
    return name() + ":" + configuration.listen().port();
  }

  HoldOptions holdOptions() {
    return new HoldOptions(
        clamp(configuration.holding().receiveBytesPerConnection()),
        clamp(configuration.holding().parkedBytesPerInterface()));
  }

  private static int clamp(long bytes) {
    return (int) Math.min(Integer.MAX_VALUE, bytes);
  }
}
