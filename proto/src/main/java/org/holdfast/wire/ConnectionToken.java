package org.holdfast.wire;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
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
  private static final String ALGORITHM = "HmacSHA256";

  /** Length of a token, bytes. */
  public static final int BYTES = 32;

  private final Mac mac;
  private final byte[] migration;
  private final byte[] domain;

  /**
   * @param secret the ticket's secret, not empty
   * @param migrationId as in the ticket
   * @param domainUuid libvirt's, in its usual lower-case form
   * @throws IllegalArgumentException if the secret is empty
   */
  public ConnectionToken(ByteString secret, String migrationId, String domainUuid) {
    if (secret.isEmpty()) {
      throw new IllegalArgumentException("a ticket without a secret proves nothing");
    }
    try {
      mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret.toByteArray(), ALGORITHM));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime has " + ALGORITHM, e);
    }
    migration = migrationId.getBytes(StandardCharsets.UTF_8);
    domain = domainUuid.getBytes(StandardCharsets.UTF_8);
  }

  /** The token of the connection {@code id}, {@value #BYTES} bytes. */
  public ByteString of(ConnectionId id) {
    add(migration);
    add(domain);
    add(id.getLocal());
    add(id.getPeer());
    return ByteString.copyFrom(mac.doFinal());
  }

  /** Whether {@code token} is that of the connection {@code id}; takes equally long either way. */
  public boolean matches(ConnectionId id, ByteString token) {
    return MessageDigest.isEqual(of(id).toByteArray(), token.toByteArray());
  }

  private void add(Endpoint endpoint) {
    add(endpoint.getAddress().toByteArray());
    mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(endpoint.getPort()).flip());
  }

  /** Each field is preceded by its length: no two different lists of fields look the same. */
  private void add(byte[] field) {
    mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(field.length).flip());
    mac.update(field);
  }
}
