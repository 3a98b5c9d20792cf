package org.holdfast.agent.session;

import com.google.protobuf.ByteString;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import org.holdfast.proto.agent.v1.Ticket;
import org.holdfast.proto.connection.v1.ConnectionId;
import org.holdfast.wire.ConnectionToken;

/**
 * The token each exported connection must carry when it is given back to a domain. They are
 * computed at once: that takes longer than conforming does.
 */
final class ExpectedTokens {
  private final String domainUuid;
  private final ConnectionToken token;
  private final Map<ConnectionId, byte[]> tokens = new HashMap<>();

  ExpectedTokens(Held.Exported exported, String domainUuid) {
    this.domainUuid = domainUuid;
    Ticket ticket = exported.ticket();
    token = new ConnectionToken(ticket.getSecret(), ticket.getMigrationId(), domainUuid);
    for (HeldConnection connection : exported.connections()) {
      tokens.put(connection.id(), token.of(connection.id()).toByteArray());
    }
  }

  /** Whose they are. */
  String domainUuid() {
    return domainUuid;
  }

  /** Whether they are those of this domain. */
  boolean isOf(String uuid) {
    return domainUuid.equals(uuid);
  }

  /** Whether {@code shown} is the connection's token; takes equally long either way. */
  boolean matches(ConnectionId id, ByteString shown) {
    byte[] expected = tokens.get(id);
    return expected == null
        ? token.matches(id, shown)
        : MessageDigest.isEqual(expected, shown.toByteArray());
  }
}
