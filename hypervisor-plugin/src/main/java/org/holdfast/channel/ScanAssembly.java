package org.holdfast.channel;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.function.Predicate;
import org.holdfast.proto.agent.v1.GuestInterface;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.agent.v1.InterfaceAddress;
import org.holdfast.proto.agent.v1.Neighbour;
import org.holdfast.proto.agent.v1.Route;
import org.holdfast.proto.agent.v1.ScanResult;
import org.holdfast.proto.agent.v1.ScannedConnection;
import org.holdfast.wire.EndpointCodec;
import org.holdfast.wire.MacAddress;
import org.holdfast.wire.WireFormatException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Merges the parts of a scan. Too much of anything ends it; an address, route or neighbour that is
 * none is left out, for it only helps to set the namespace up.
 */
final class ScanAssembly {
  private static final Logger LOG = LoggerFactory.getLogger(ScanAssembly.class);

  private final PendingAnswer answer;
  private final GuestLimits limits;
  private final ScanResult.Builder merged = ScanResult.newBuilder();

  ScanAssembly(PendingAnswer answer, GuestLimits limits) {
    this.answer = answer;
    this.limits = limits;
  }

  void add(GuestMessage message) {
    if (!message.hasScanResult()) {
      throw answer.malformed(Breach.WRONG_ANSWER, "it says " + message.getBodyCase().name());
    }
    ScanResult part = message.getScanResult();
    bound(
        merged.getConnectionsCount() + part.getConnectionsCount(),
        limits.connections(),
        Breach.TOO_MANY_CONNECTIONS);
    bound(
        merged.getInterfacesCount() + part.getInterfacesCount(),
        limits.interfaces(),
        Breach.TOO_MANY_INTERFACES);
    for (ScannedConnection connection : part.getConnectionsList()) {
      merged.addConnections(safe(connection));
    }
    for (GuestInterface networkInterface : part.getInterfacesList()) {
      merged.addInterfaces(safe(networkInterface));
    }
  }

  ScanResult result() {
    return merged.build();
  }

  static ScannedConnection safe(ScannedConnection connection) {
    return connection.toBuilder()
        .setId(GuestIds.safe(connection.getId()))
        .setOwner(GuestText.safe(connection.getOwner()))
        .build();
  }

  private GuestInterface safe(GuestInterface original) {
    if (original.getMac().size() != MacAddress.BYTES) {
      throw answer.malformed(
          Breach.BAD_INTERFACE,
          "an interface's MAC address has " + original.getMac().size() + " bytes");
    }
    bound(original.getAddressesCount(), limits.entriesPerInterface(), Breach.TOO_MANY_ENTRIES);
    bound(original.getRoutesCount(), limits.entriesPerInterface(), Breach.TOO_MANY_ENTRIES);
    bound(original.getNeighboursCount(), limits.entriesPerInterface(), Breach.TOO_MANY_ENTRIES);
    return original.toBuilder()
        .setName(GuestText.safe(original.getName()))
        .clearAddresses()
        .addAllAddresses(keep(original.getAddressesList(), ScanAssembly::isSound))
        .clearRoutes()
        .addAllRoutes(keep(original.getRoutesList(), ScanAssembly::isSound))
        .clearNeighbours()
        .addAllNeighbours(keep(original.getNeighboursList(), ScanAssembly::isSound))
        .build();
  }

  private static <T> List<T> keep(List<T> entries, Predicate<T> sound) {
    List<T> kept = entries.stream().filter(sound).toList();
    if (kept.size() < entries.size()) {
      LOG.warn("left out {} unusable network entries of a guest", entries.size() - kept.size());
    }
    return kept;
  }

  private static boolean isSound(InterfaceAddress entry) {
    return isAddress(entry.getAddress())
        && isPrefixLength(entry.getPrefixLength(), entry.getAddress());
  }

  private static boolean isSound(Route route) {
    ByteString destination = route.getDestination();
    boolean destinationSound =
        destination.isEmpty()
            ? route.getPrefixLength() == 0
            : isOfFamily(destination) && isPrefixLength(route.getPrefixLength(), destination);
    ByteString gateway = route.getGateway();
    return destinationSound
        && (gateway.isEmpty() ? !destination.isEmpty() : isAddress(gateway))
        && (destination.isEmpty() || gateway.isEmpty() || destination.size() == gateway.size());
  }

  private static boolean isSound(Neighbour neighbour) {
    return isAddress(neighbour.getAddress()) && neighbour.getMac().size() == MacAddress.BYTES;
  }

  private static boolean isAddress(ByteString octets) {
    try {
      EndpointCodec.address(octets, "address");
      return true;
    } catch (WireFormatException unsound) {
      return false;
    }
  }

  private static boolean isOfFamily(ByteString octets) {
    return octets.size() == 4 || octets.size() == 16;
  }

  private static boolean isPrefixLength(int length, ByteString octets) {
    return length >= 0 && length <= octets.size() * Byte.SIZE;
  }

  private void bound(int count, int limit, Breach beyond) {
    if (count > limit) {
      throw answer.tooLarge(beyond, count + ", the bound is " + limit);
    }
  }
}
