package org.holdfast.channel;

import com.google.protobuf.ByteString;
import org.holdfast.proto.connection.v1.ConnectionId;
import org.holdfast.proto.connection.v1.Endpoint;
import org.holdfast.wire.MacAddress;

/** Names of connections that are not held, as a guest gives them: for the ledger only. */
final class GuestIds {
  private static final int IPV4_BYTES = 4;
  private static final int IPV6_BYTES = 16;

  private GuestIds() {}

  /** The name, or an empty one if it could not be that of a connection: it is kept for long. */
  static ConnectionId safe(ConnectionId id) {
    return isSound(id.getLocal()) && isSound(id.getPeer()) ? id : ConnectionId.getDefaultInstance();
  }

  private static boolean isSound(Endpoint end) {
    ByteString address = end.getAddress();
    ByteString mac = end.getInterfaceMac();
    return (address.isEmpty() || address.size() == IPV4_BYTES || address.size() == IPV6_BYTES)
        && (mac.isEmpty() || mac.size() == MacAddress.BYTES);
  }
}
