package org.holdfast.migration.run;

import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.holdfast.api.DomainIdentity;
import org.holdfast.libvirt.DomainState.PauseReason;
import org.holdfast.libvirt.LibvirtFailure;
import org.holdfast.libvirt.VirtualMachine;
import org.holdfast.migration.hold.Holding;
import org.holdfast.migration.journal.Unfinished;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A migration away from this host that an earlier daemon began; libvirt's job goes on without. */
final class RecoveredMove {
  private static final Logger log = LoggerFactory.getLogger(RecoveredMove.class);
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(100);

  /** libvirt needs less to say how a migration ended, unless it was killed meanwhile. */
  private static final int MOST_LOOKS_AT_ONE_THAT_STANDS = 50;

  private final Host host;
  private final DomainIdentity domain;
  private final Departure departure;
  private final TargetFollower target;
  private int stood;

  private RecoveredMove(
      Host host, DomainIdentity domain, Departure departure, TargetFollower target) {
    this.host = host;
    this.domain = domain;
    this.departure = departure;
    this.target = target;
  }

  /** From now on its target may ask; until something is known it is told to ask again. */
  static RecoveredMove of(Host host, Unfinished begun) {
    String id = begun.migrationId();
    String daemon = begun.begun().getLeaving().getTargetDaemon();
    DomainIdentity domain =
        new DomainIdentity(
            begun.begun().getDomainName(), UUID.fromString(begun.begun().getDomainUuid()));
    Departure departure =
        new Departure(Destination.hostOf(daemon), when -> host.journal().departed(id, when));
    begun.departed().ifPresent(departure::recall);
    host.departures().add(id, departure);
    return new RecoveredMove(
        host, domain, departure, new TargetFollower(host, id, domain.name(), daemon));
  }

  /** Nothing was taken over, and libvirt moves it. */
  void goesOn() {
    departure.open();
  }

  /**
   * Ends libvirt's job if there still is one, and finds out who runs the domain.
   *
   * @return whether it stays here
   */
  boolean staysHere() throws InterruptedException {
    while (isUnderWay()) {
      Thread.sleep(LOOK_INTERVAL.toMillis());
    }
    departure.open();
    target.start();
    if (StaleCopy.isGone(host, domain)) {
      departure.leaves();
      return false;
    }
    FailedMove failed = new FailedMove(host, domain, departure, target, () -> true);
    boolean stays = failed.staysHere(nobody -> {});
    if (stays) {
      host.active(domain.uuid()).ifPresent(MigrationJob::forgetHoldBack);
      target.abandon();
    }
    return stays;
  }

  /** A libvirtd that is not there is waited for: without it nobody knows where the domain is. */
  private boolean isUnderWay() {
    try {
      Optional<VirtualMachine> here = host.active(domain.uuid());
      if (here.isPresent() && here.get().jobStatistics().isPresent()) {
        abort(here.get());
        return true;
      }
      return here.isPresent() && isLeaving(here.get()) && ++stood < MOST_LOOKS_AT_ONE_THAT_STANDS;
    } catch (LibvirtFailure unknown) {
      log.debug("{} cannot be looked at now", domain.name(), unknown);
      return true;
    }
  }

  /** QEMU has stopped it for the last pages, and libvirt has not yet said how it ended. */
  private static boolean isLeaving(VirtualMachine vm) {
    return vm.state().pauseReason() == PauseReason.MIGRATION;
  }

  private static void abort(VirtualMachine vm) {
    try {
      vm.abortJob();
    } catch (LibvirtFailure tooLate) {
      log.debug("{}: there is no job to abort", vm.name(), tooLate);
    }
  }

  /** Holds until the target has claimed, or the bound is over; returns at once. */
  void awaitClaim(Holding holding) {
    Thread thread =
        new Thread(
            () -> {
              try {
                AwaitedClaim.end(host, holding, departure, target, nobody -> {});
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "held-" + domain.name());
    thread.setDaemon(true);
    thread.start();
  }
}
