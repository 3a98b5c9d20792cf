package org.holdfast.libvirt;

import java.util.UUID;

/**
 * Something happened to a domain.
 *
 * @param kindNumber libvirt's virDomainEventType; says what it was where the kind is UNKNOWN
 * @param detailNumber of the enum that belongs to the kind
 * @param nanoTime when this process learned of it, on the scale of System.nanoTime()
 */
public record LifecycleEvent(
    UUID domain,
    String domainName,
    LifecycleKind kind,
    LifecycleDetail detail,
    int kindNumber,
    int detailNumber,
    long nanoTime) {

  static LifecycleEvent of(UUID domain, String name, int event, int detail, long nanoTime) {
    LifecycleKind kind = LifecycleKind.of(event);
    return new LifecycleEvent(
        domain, name, kind, LifecycleDetail.of(kind, detail), event, detail, nanoTime);
  }
}
