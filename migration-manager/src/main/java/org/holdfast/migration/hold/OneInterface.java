package org.holdfast.migration.hold;

import com.google.protobuf.ByteString;
import java.util.Optional;
import java.util.OptionalInt;
import org.holdfast.proto.connection.v1.ConnectionId;
import org.holdfast.wire.InterfaceResolver;
import org.holdfast.wire.MacAddress;

/**
 * Takes every link-local address to be on the one interface that the guest named: the takeover
 * namespace finds its own interface by the MAC, so the index in between means nothing.
 */
public final class OneInterface implements InterfaceResolver {
  private static final int ANY_INDEX = 1;

  private final Optional<MacAddress> mac;

  private OneInterface(Optional<MacAddress> mac) {
    this.mac = mac;
  }

  /** For a connection as the guest named it. */
  public static OneInterface of(ConnectionId id) {
    return new OneInterface(interfaceOf(id));
  }

  /** The VM's interface a connection's link-local address stands on, empty if it has none. */
  public static Optional<MacAddress> interfaceOf(ConnectionId id) {
    ByteString bytes = id.getLocal().getInterfaceMac();
    return bytes.isEmpty() ? Optional.empty() : Optional.of(MacAddress.of(bytes.toByteArray()));
  }

  @Override
  public Optional<MacAddress> macOf(int interfaceIndex) {
    return mac;
  }

  @Override
  public OptionalInt indexOf(MacAddress address) {
    return OptionalInt.of(ANY_INDEX);
  }
}
