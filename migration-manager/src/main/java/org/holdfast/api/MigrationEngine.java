package org.holdfast.api;

import java.util.List;
import org.holdfast.proto.v1.LedgerEntry;

/**
 * Takes over, holds, gives back, and moves domains. The services of this package call it; it knows
 * nothing of gRPC.
 *
 * <p>Every method may be called from any thread, and may take as long as libvirt takes to answer a
 * few questions. What can be refused before anything is touched is refused by throwing, so that the
 * caller gets the reason at once and no operation comes to be; what goes wrong later completes
 * {@link Execution#report()}.
 */
public interface MigrationEngine {

  /**
   * Finds a domain the way virsh does.
   *
   * @param domain name, UUID or id
   * @throws HoldfastException {@link ErrorCode#DOMAIN_NOT_FOUND}, {@link
   *     ErrorCode#LIBVIRT_UNREACHABLE}
   */
  DomainIdentity identify(String domain);

  /**
   * Begins to move a running domain to another host.
   *
   * @throws HoldfastException if the preflight refuses; nothing has been touched then
   */
  Execution migrate(MigrateCommand command);

  /**
   * Begins to take the domain's connections over and to pause it.
   *
   * @throws HoldfastException if the preflight refuses; nothing has been touched then
   */
  Execution suspend(SuspendCommand command);

  /**
   * Begins to continue a suspended domain and to give its connections back.
   *
   * @throws HoldfastException if the preflight refuses; nothing has been touched then
   */
  Execution resume(ResumeCommand command);

  /**
   * Does the preflight of a command and nothing else (AIP-163, validate_only).
   *
   * @return remarks an operator should see though they forbid nothing, in words; empty if none
   * @throws HoldfastException with the same code that running the command would give
   */
  List<String> validate(EngineCommand command);

  /**
   * What would be kept of a domain's connections, what not, and why; or, while they are held, what
   * is held.
   *
   * @param domain name, UUID or id
   * @throws HoldfastException the domain or its agent cannot be asked
   */
  List<LedgerEntry> connections(String domain);
}
