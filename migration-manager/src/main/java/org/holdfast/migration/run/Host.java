package org.holdfast.migration.run;

import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.holdfast.channel.ChannelOptions;
import org.holdfast.channel.GuestLimits;
import org.holdfast.configuration.DaemonConfiguration;
import org.holdfast.libvirt.LibvirtConnection;
import org.holdfast.libvirt.LibvirtFailure;
import org.holdfast.libvirt.VirtualMachine;
import org.holdfast.migration.hold.Holding;
import org.holdfast.migration.hold.Holdings;
import org.holdfast.migration.journal.Journal;
import org.holdfast.migration.transfer.Peers;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.HostNetwork;
import org.holdfast.takeover.spool.SpoolBounds;
import org.holdfast.takeover.spool.SpoolSpace;

/**
 * What every operation on this host works with.
 *
 * @param configuration of the daemon
 * @param libvirtAccess to this host's libvirt
 * @param network of this host
 * @param holdings everything this host holds
 * @param peers the daemons of other hosts
 * @param spoolSpace for what the connections of all domains receive while they are held here
 * @param journal of what is under way
 * @param departures of domains from this host
 */
public record Host(
    DaemonConfiguration configuration,
    LibvirtAccess libvirtAccess,
    HostNetwork network,
    Holdings holdings,
    Peers peers,
    SpoolSpace spoolSpace,
    Journal journal,
    Departures departures) {

  /** A living connection to this host's libvirt. */
  LibvirtConnection libvirt() {
    return libvirtAccess.connection();
  }

  /** How long the claim for connections held here is repeated. */
  Duration claimBound() {
    return configuration.holding().claimBound();
  }

  /**
   * A domain that is running or paused here.
   *
   * @throws LibvirtFailure if libvirt cannot be asked
   */
  Optional<VirtualMachine> active(UUID domain) {
    return libvirt().find(domain).filter(machine -> machine.state().isActive());
  }

  /** What other hosts call this one. */
  String name() {
    return configuration.hostName();
  }

  /** Where other hosts reach this daemon, host:port. */
  String address() {
    return name() + ":" + configuration.listen().port();
  }

  /**
   * Ends a holding that nobody will ever claim, without a word to the peers: nothing of it stays,
   * and the next daemon knows nothing of it either.
   */
  void forget(Holding holding) {
    holding.drop();
    holdings.remove(holding);
    journal.end(holding.migrationId());
  }

  /**
   * How connections of a domain are held.
   *
   * @param guestSocketMemory what the guest's kernel lets its sockets have, bytes; 0 if not known.
   *     What is received while they are held must fit in there when they are given back, beside
   *     what the sockets have already and what still waits in the copies' receive queues
   */
  HoldOptions holdOptions(long guestSocketMemory) {
    DaemonConfiguration.Holding bounds = configuration.holding();
    return new HoldOptions(
        HoldOptions.USUAL_BUFFER_BYTES,
        clamp(bounds.parkedBytesPerInterface()),
        new SpoolBounds(
            bounds.receiveBytesPerConnection(),
            guestSocketMemory <= 0
                ? bounds.receiveBytesPerDomain()
                : Math.min(bounds.receiveBytesPerDomain(), guestSocketMemory),
            bounds.receiveMemoryPerDomain(),
            spoolSpace,
            bounds.spoolDirectory()));
  }

  /** How the agent of a domain is spoken to, and how much it may say. */
  ChannelOptions channelOptions() {
    DaemonConfiguration.Holding bounds = configuration.holding();
    return ChannelOptions.defaults()
        .withSilenceBound(configuration.agent().silenceBound())
        .withLimits(
            GuestLimits.defaults()
                .withConnections(bounds.connectionsPerDomain())
                .withQueueBytes(bounds.sendBytesPerDomain()));
  }

  private static int clamp(long bytes) {
    return (int) Math.min(Integer.MAX_VALUE, bytes);
  }
}
