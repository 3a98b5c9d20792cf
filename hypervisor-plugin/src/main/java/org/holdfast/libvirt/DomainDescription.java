package org.holdfast.libvirt;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * What a domain is, as its XML says.
 *
 * @param id only while it is active
 * @param memoryBytes its largest size
 * @param interfaces in the order of the XML
 * @param channel to the agent, if the domain has one
 */
public record DomainDescription(
    String name,
    UUID uuid,
    OptionalInt id,
    long memoryBytes,
    List<DomainInterface> interfaces,
    Optional<GuestChannel> channel) {
  public DomainDescription {
    interfaces = List.copyOf(interfaces);
  }

  /** The Unix socket of the channel to the agent. */
  public Optional<Path> channelPath() {
    return channel.map(GuestChannel::path);
  }
}
