package org.holdfast.api;

import java.time.Duration;
import java.util.Optional;

/**
 * Move a running domain to another host.
 *
 * @param domain name, UUID or id
 * @param destinationUri libvirt URI of the destination, as virsh takes it
 * @param keepPolicy what to do about the domain's connections
 * @param live the domain runs while its memory is copied
 * @param peerToPeer the source's libvirtd talks to the destination's; otherwise holdfastd does
 * @param persistent the domain is defined on the destination
 * @param undefineSource the domain is undefined on the source
 * @param memory how its memory is copied
 * @param takeover when its connections are taken over
 * @param maxBlackout a takeover that would silence peers for longer does not come about; zero: as
 *     long as it takes
 * @param destinationDaemon host:port of the destination's daemon; empty: the host of the URI and
 *     the usual port
 */
public record MigrateCommand(
    String domain,
    String destinationUri,
    KeepPolicy keepPolicy,
    boolean live,
    boolean peerToPeer,
    boolean persistent,
    boolean undefineSource,
    MemoryCopy memory,
    TakeoverMoment takeover,
    Duration maxBlackout,
    Optional<String> destinationDaemon)
    implements EngineCommand {

  @Override
  public String verb() {
    return "migrate";
  }
}
