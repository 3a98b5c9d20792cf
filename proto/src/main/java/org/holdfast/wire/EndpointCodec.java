package org.holdfast.wire;

import static org.holdfast.wire.WireFormatException.Code.BAD_ADDRESS;
import static org.holdfast.wire.WireFormatException.Code.CONTRADICTION;
import static org.holdfast.wire.WireFormatException.Code.MISSING;
import static org.holdfast.wire.WireFormatException.Code.OUT_OF_BOUNDS;
import static org.holdfast.wire.WireFormatException.Code.UNKNOWN_INTERFACE;

import com.google.protobuf.ByteString;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.OptionalInt;
import org.holdfast.proto.connection.v1.ConnectionId;
import org.holdfast.proto.connection.v1.Endpoint;

/** Endpoints of connections, to the wire and back. */
public final class EndpointCodec {
  private static final int IPV4_BYTES = 4;
  private static final int IPV6_BYTES = 16;

  private EndpointCodec() {}

  /**
   * One end of a connection.
   *
   * @param endpoint a literal address; link-local IPv6 with its scope
   * @throws WireFormatException UNKNOWN_INTERFACE if the scope's interface is not known
   */
  public static Endpoint encode(InetSocketAddress endpoint, InterfaceResolver interfaces)
      throws WireFormatException {
    InetAddress address = endpoint.getAddress();
    Endpoint.Builder encoded =
        Endpoint.newBuilder()
            .setAddress(ByteString.copyFrom(address.getAddress()))
            .setPort(endpoint.getPort());
    if (address instanceof Inet6Address linkLocal && address.isLinkLocalAddress()) {
      int index = linkLocal.getScopeId();
      MacAddress mac =
          interfaces
              .macOf(index)
              .orElseThrow(
                  () ->
                      new WireFormatException(
                          UNKNOWN_INTERFACE,
                          "interface_mac",
                          "no interface with index " + index + " for " + linkLocal));
      encoded.setInterfaceMac(mac.toByteString());
    }
    return encoded.build();
  }

  /** Both ends of a connection. */
  public static ConnectionId encode(
      InetSocketAddress local, InetSocketAddress peer, InterfaceResolver interfaces)
      throws WireFormatException {
    return ConnectionId.newBuilder()
        .setLocal(encode(local, interfaces))
        .setPeer(encode(peer, interfaces))
        .build();
  }

  /**
   * One end of a connection.
   *
   * @param field path of the endpoint, for the exception
   * @throws WireFormatException if it is no address and port a connection can have here
   */
  public static InetSocketAddress decode(
      Endpoint endpoint, String field, InterfaceResolver interfaces) throws WireFormatException {
    int port = endpoint.getPort();
    if (port < 1 || port > 0xffff) {
      throw new WireFormatException(
          OUT_OF_BOUNDS, field + ".port", Integer.toUnsignedString(port) + " is not 1-65535");
    }
    InetAddress address = address(endpoint.getAddress(), field + ".address");
    if (address instanceof Inet6Address && address.isLinkLocalAddress()) {
      address = scoped(address, endpoint.getInterfaceMac(), field + ".interface_mac", interfaces);
    } else if (!endpoint.getInterfaceMac().isEmpty()) {
      throw new WireFormatException(
          CONTRADICTION, field + ".interface_mac", "only link-local IPv6 names an interface");
    }
    return new InetSocketAddress(address, port);
  }

  /**
   * An address of a single host.
   *
   * @param field path of the address, for the exception
   * @throws WireFormatException for another length, an IPv4-mapped one, and addresses that name no
   *     host: unspecified, multicast, broadcast
   */
  public static InetAddress address(ByteString octets, String field) throws WireFormatException {
    if (octets.isEmpty()) {
      throw new WireFormatException(MISSING, field, "an address is needed");
    }
    InetAddress address;
    try {
      address = InetAddress.getByAddress(octets.toByteArray());
    } catch (UnknownHostException illegalLength) {
      throw new WireFormatException(
          BAD_ADDRESS, field, octets.size() + " bytes; IPv4 has 4, IPv6 has 16");
    }
    if (octets.size() == IPV6_BYTES && address instanceof Inet4Address) {
      throw new WireFormatException(BAD_ADDRESS, field, "IPv4-mapped; send its four bytes");
    }
    if (address.isAnyLocalAddress() || address.isMulticastAddress() || isBroadcast(octets)) {
      throw new WireFormatException(
          BAD_ADDRESS, field, address.getHostAddress() + " is not the address of one host");
    }
    return address;
  }

  private static boolean isBroadcast(ByteString octets) {
    return octets.size() == IPV4_BYTES && octets.asReadOnlyByteBuffer().getInt() == 0xffff_ffff;
  }

  private static InetAddress scoped(
      InetAddress address, ByteString octets, String field, InterfaceResolver interfaces)
      throws WireFormatException {
    if (octets.isEmpty()) {
      throw new WireFormatException(
          MISSING, field, "a link-local address needs its interface's MAC address");
    }
    MacAddress mac = MacAddress.of(octets, field);
    OptionalInt index = interfaces.indexOf(mac);
    if (index.isEmpty()) {
      throw new WireFormatException(
          UNKNOWN_INTERFACE, field, "no interface here stands for " + mac);
    }
    try {
      return Inet6Address.getByAddress(null, address.getAddress(), index.getAsInt());
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException("an IPv6 address has 16 bytes", impossible);
    }
  }
}
