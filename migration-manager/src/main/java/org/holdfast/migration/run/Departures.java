package org.holdfast.migration.run;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.holdfast.access.Caller;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.libvirt.DomainState;
import org.holdfast.proto.v1.ArriveResponse.Verdict;
import org.jspecify.annotations.Nullable;

/** The domains that leave this host, and those that lately did. Safe for use by several threads. */
final class Departures {
  /** So many are remembered, for targets that were cut off and ask late. */
  private static final int MOST = 1024;

  private final Map<String, Departure> byMigration =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Departure> eldest) {
          return size() > MOST;
        }
      };

  /** Answers for a migration from now on. */
  synchronized Departure add(String migrationId, Departure departure) {
    byMigration.put(migrationId, departure);
    return departure;
  }

  /** Nothing leaves after all. */
  synchronized void remove(String migrationId) {
    byMigration.remove(migrationId);
  }

  /**
   * Whether a domain was let run on its target, and it is the target that says so.
   *
   * @param caller whose certificate must name the target
   */
  boolean isTargetOf(String migrationId, Caller caller) {
    Departure departure = find(migrationId);
    return departure != null && departure.isThere() && caller.isNamed(departure.targetHost());
  }

  private synchronized @Nullable Departure find(String migrationId) {
    return byMigration.get(migrationId);
  }

  /**
   * A target asks whether it may run a domain that has arrived there.
   *
   * @param caller whose certificate must name the target
   * @param here the domain on this host: that decides where nothing is known of the migration any
   *     more
   * @throws HoldfastException PERMISSION_DENIED if somebody else asks
   */
  Verdict arrived(String migrationId, Caller caller, Supplier<Optional<DomainState>> here) {
    Departure departure = find(migrationId);
    Optional<DomainState> active = here.get().filter(DomainState::isActive);
    if (departure == null) {
      return active.isPresent() ? Verdict.VERDICT_STAYED : Verdict.VERDICT_RUN;
    }
    if (!caller.isNamed(departure.targetHost())) {
      throw new HoldfastException(
          ErrorCode.PERMISSION_DENIED,
          "A caller with %s asks to run a domain that leaves for %s."
              .formatted(caller, departure.targetHost()));
    }
    return departure.arrived(active.filter(DomainState::isRunning).isPresent());
  }
}
