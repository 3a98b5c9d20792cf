package org.holdfast.migration.hold;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.proto.agent.v1.Ticket;
import org.holdfast.wire.ClaimProof;

/** Everything this host holds. Safe for use by several threads. */
public final class Holdings implements Holder, ProvenHolder {
  private final Map<String, Holding> byMigration = new ConcurrentHashMap<>();
  private final HoldBounds bounds;

  public Holdings(HoldBounds bounds) {
    this.bounds = bounds;
  }

  /** Keeps {@code holding} so that it can be claimed. */
  public void add(Holding holding) {
    byMigration.put(holding.migrationId(), holding);
    holding.boundBy(this::hasRoom);
  }

  /** Forgets a holding that has ended. */
  public void remove(Holding holding) {
    byMigration.remove(holding.migrationId(), holding);
  }

  /** Whether there is room for one more connection; asked again for each, never remembered. */
  private boolean hasRoom(long sendBytes) {
    long connections = 1;
    long bytes = sendBytes;
    for (Holding holding : byMigration.values()) {
      connections += holding.admittedConnections();
      bytes += holding.admittedBytes();
    }
    return connections <= bounds.connections() && bytes <= bounds.sendBytes();
  }

  /** What is held for a domain. */
  public Optional<Holding> of(UUID domain) {
    return byMigration.values().stream()
        .filter(holding -> holding.domain().uuid().equals(domain))
        .findFirst();
  }

  /** What is held since a migration. */
  public Optional<Holding> ofMigration(String migrationId) {
    return Optional.ofNullable(byMigration.get(migrationId));
  }

  /** All of it. */
  public List<Holding> all() {
    return List.copyOf(byMigration.values());
  }

  @Override
  public Claim claim(Ticket ticket, UUID domain) {
    return claim(ClaimProof.of(ticket, domain.toString(), ticket.getHolder()));
  }

  @Override
  public HeldClaim claim(ClaimProof proof) {
    Holding holding = byMigration.get(proof.migrationId());
    if (holding == null) {
      throw new HoldfastException(
          ErrorCode.NOTHING_HELD,
          "Nothing is held here under the ticket that domain %s showed."
              .formatted(proof.domainUuid()));
    }
    return holding.claim(proof);
  }
}
