package org.holdfast.wire;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.holdfast.proto.connection.v1.ConnectionId;
import org.holdfast.proto.connection.v1.Endpoint;

/**
 * Proof that a state given back belongs to a connection taken over under a given ticket: an
 * HMAC-SHA256, keyed with the ticket's secret, over the migration, the domain, and both addresses.
 * The guest checks it before it touches a socket (the hash of the patent's FIG. 12).
 *
 * <p>One instance serves all connections of a migration. Not safe for use by several threads.
 */
public final class ConnectionToken {
  /** Length of a token, bytes. */
  public static final int BYTES = 32;

  private final KeyedHash hash;
  private final byte[] migration;
  private final byte[] domain;

  /**
   * @param secret the ticket's secret, not empty
   * @param migrationId as in the ticket
   * @param domainUuid libvirt's, in its usual lower-case form
   * @throws IllegalArgumentException if the secret is empty
   */
  public ConnectionToken(ByteString secret, String migrationId, String domainUuid) {
    hash = new KeyedHash(secret);
    migration = migrationId.getBytes(StandardCharsets.UTF_8);
    domain = domainUuid.getBytes(StandardCharsets.UTF_8);
  }

  /** The token of the connection {@code id}, {@value #BYTES} bytes. */
  public ByteString of(ConnectionId id) {
    hash.add(migration).add(domain);
    add(id.getLocal());
    add(id.getPeer());
    return hash.sum();
  }

  /** Whether {@code token} is that of the connection {@code id}; takes equally long either way. */
  public boolean matches(ConnectionId id, ByteString token) {
    return MessageDigest.isEqual(of(id).toByteArray(), token.toByteArray());
  }

  private void add(Endpoint endpoint) {
    hash.add(endpoint.getAddress().toByteArray()).add(endpoint.getPort());
  }
}
