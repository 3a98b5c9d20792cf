package org.holdfast.wire;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * HMAC-SHA256 over a list of fields. Each is preceded by its length: no two different lists look
 * the same. For one thread.
 */
final class KeyedHash {
  private static final String ALGORITHM = "HmacSHA256";

  private final Mac mac;

  /**
   * @throws IllegalArgumentException if the secret is empty
   */
  KeyedHash(ByteString secret) {
    if (secret.isEmpty()) {
      throw new IllegalArgumentException("a ticket without a secret proves nothing");
    }
    try {
      mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret.toByteArray(), ALGORITHM));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime has " + ALGORITHM, e);
    }
  }

  KeyedHash add(String field) {
    return add(field.getBytes(StandardCharsets.UTF_8));
  }

  KeyedHash add(byte[] field) {
    add(field.length);
    mac.update(field);
    return this;
  }

  /** A number stands there as it is. */
  KeyedHash add(int number) {
    mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(number).flip());
    return this;
  }

  /** The hash of all that was added; the next one begins anew. */
  ByteString sum() {
    return ByteString.copyFrom(mac.doFinal());
  }
}
