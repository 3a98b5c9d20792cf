package org.holdfast.wire;

import com.google.protobuf.ByteString;
import java.security.MessageDigest;
import org.holdfast.proto.agent.v1.Ticket;

/**
 * Shows a holder that a VM has its ticket, without showing the ticket. It is made for one holder,
 * under the name that the claimant calls it by and finds in its certificate: nobody who is shown it
 * can claim with it from another.
 *
 * <p>Its text never has the proof in it.
 */
public final class ClaimProof {
  private static final String PURPOSE = "holdfast claim";

  private final String migrationId;
  private final String domainUuid;
  private final ByteString mac;

  private ClaimProof(String migrationId, String domainUuid, ByteString mac) {
    this.migrationId = migrationId;
    this.domainUuid = domainUuid;
    this.mac = mac;
  }

  /**
   * Made by whoever has the ticket.
   *
   * @param domainUuid of the VM that showed it
   * @param holder host:port, as it is called
   */
  public static ClaimProof of(Ticket ticket, String domainUuid, String holder) {
    ByteString mac =
        new KeyedHash(ticket.getSecret())
            .add(PURPOSE)
            .add(ticket.getMigrationId())
            .add(domainUuid)
            .add(holder)
            .sum();
    return new ClaimProof(ticket.getMigrationId(), domainUuid, mac);
  }

  /** As it came from another host. */
  public static ClaimProof received(String migrationId, String domainUuid, ByteString mac) {
    return new ClaimProof(migrationId, domainUuid, mac);
  }

  public String migrationId() {
    return migrationId;
  }

  public String domainUuid() {
    return domainUuid;
  }

  /** What is sent. */
  public ByteString mac() {
    return mac;
  }

  /** Whether it was made of this ticket, for the holder that the ticket names. */
  public boolean proves(Ticket ticket) {
    ClaimProof right = of(ticket, domainUuid, ticket.getHolder());
    return right.migrationId.equals(migrationId)
        && MessageDigest.isEqual(right.mac.toByteArray(), mac.toByteArray());
  }

  @Override
  public String toString() {
    return "a claim of domain " + domainUuid + " under " + migrationId;
  }
}
