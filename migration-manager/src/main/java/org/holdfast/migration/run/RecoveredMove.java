package org.holdfast.migration.run;

import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.holdfast.api.DomainIdentity;
import org.holdfast.api.HoldfastException;
import org.holdfast.libvirt.DomainState.PauseReason;
import org.holdfast.libvirt.LibvirtFailure;
import org.holdfast.libvirt.VirtualMachine;
import org.holdfast.migration.hold.Holding;
import org.holdfast.migration.journal.Unfinished;
import org.holdfast.migration.state.MigrationState;
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
  private final int domainId;
  private final boolean aborts;
  private int stood;

  /** It has left, and has come again since: none of this is about that one. */
  private boolean isAnother;

  private RecoveredMove(Host host, Unfinished begun, DomainIdentity domain, Departure departure) {
    String daemon = begun.begun().getLeaving().getTargetDaemon();
    this.host = host;
    this.domain = domain;
    this.departure = departure;
    this.target = new TargetFollower(host, begun.migrationId(), domain.name(), daemon);
    this.domainId = begun.begun().getLeaving().getDomainId();
    this.aborts = begun.state() != MigrationState.PLAIN;
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
    return new RecoveredMove(host, begun, domain, departure);
  }

  /**
   * Finds out who runs the domain. libvirt's job comes to its end before: it is aborted, or, where
   * nothing was taken over, may complete.
   *
   * @return whether it stays here
   * @throws HoldfastException ROLL_BACK_FAILED if the target is not heard, and it stands here
   */
  boolean staysHere() throws InterruptedException {
    while (isUnderWay()) {
      Thread.sleep(LOOK_INTERVAL.toMillis());
    }
    departure.open();
    target.start();
    if (isAnother || StaleCopy.isGone(host, domain)) {
      departure.leaves();
      return false;
    }
    FailedMove failed = new FailedMove(host, domain, departure, target, () -> true);
    boolean stays = failed.staysHere(nobody -> {});
    if (stays) {
      target.abandon();
      ifItIsHere(MigrationJob::forgetHoldBack);
    }
    return stays;
  }

  /** Nothing is held for it, and a libvirtd that was killed has left it as it was. */
  void continueIfLeftStanding() {
    ifItIsHere(
        vm -> {
          if (isLeaving(vm)) {
            vm.resume();
          }
        });
  }

  private void ifItIsHere(Consumer<VirtualMachine> step) {
    try {
      host.active(domain.uuid()).ifPresent(step);
    } catch (LibvirtFailure failure) {
      log.warn(
          "{}: it stays here, and libvirt does not do more: {}",
          domain.name(),
          failure.getMessage());
    }
  }

  /** A libvirtd that is not there is waited for: without it nobody knows where the domain is. */
  private boolean isUnderWay() {
    try {
      Optional<VirtualMachine> here = host.active(domain.uuid());
      isAnother = here.filter(vm -> domainId != 0 && vm.id() != domainId).isPresent();
      if (here.isEmpty() || isAnother) {
        return false;
      }
      if (here.get().jobStatistics().isPresent()) {
        if (aborts) {
          abort(here.get());
        }
        return true;
      }
      return isLeaving(here.get()) && ++stood < MOST_LOOKS_AT_ONE_THAT_STANDS;
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

  /** What is held is dropped when the bound is over, whatever else is waited for. */
  void bound(Holding holding) {
    ClaimBound.watch(host, holding, departure);
  }

  /** Holds until the target has claimed, or gives up; returns at once. */
  void awaitClaim(Holding holding) {
    Background.start(
        "held-" + domain.name(),
        () -> AwaitedClaim.end(host, holding, departure, target, nobody -> {}));
  }
}
