package org.holdfast.migration.transfer;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.transport.DaemonAddress;
import org.holdfast.transport.DaemonChannel;
import org.holdfast.transport.TlsIdentity;

/** Channels to other hosts' daemons by mutual TLS, one for each host, kept open. */
public final class TlsPeers implements Peers {
  private final Optional<TlsIdentity> identity;
  private final Map<DaemonAddress.Remote, DaemonChannel> channels = new ConcurrentHashMap<>();

  /**
   * @param identity of this host; empty if it talks to no other
   */
  public TlsPeers(Optional<TlsIdentity> identity) {
    this.identity = identity;
  }

  @Override
  public Channel channel(String address) {
    return managed(address);
  }

  @Override
  public void connect(String address) {
    ManagedChannel channel = managed(address);
    channel.resetConnectBackoff();
    channel.getState(true);
  }

  private ManagedChannel managed(String address) {
    TlsIdentity own =
        identity.orElseThrow(
            () ->
                new HoldfastException(
                    ErrorCode.NO_DAEMON_ON_TARGET,
                    "This host talks to no other: listen.enabled is false in holdfastd.yaml."));
    return channels
        .computeIfAbsent(parse(address), remote -> DaemonChannel.remote(remote, own))
        .channel();
  }

  private static DaemonAddress.Remote parse(String address) {
    try {
      if (DaemonAddress.parse(address) instanceof DaemonAddress.Remote remote) {
        return remote;
      }
    } catch (IllegalArgumentException malformed) {
      throw notAnAddress(address);
    }
    throw notAnAddress(address);
  }

  private static HoldfastException notAnAddress(String address) {
    return new HoldfastException(
        ErrorCode.INVALID_ARGUMENT,
        "\"%s\" is not the address of another host's daemon.".formatted(address),
        "Give host or host:port.");
  }

  @Override
  public void close() {
    channels.values().forEach(DaemonChannel::close);
    channels.clear();
  }
}
