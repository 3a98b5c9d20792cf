package org.holdfast.migration.run;

import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.holdfast.api.DomainIdentity;
import org.holdfast.api.HoldfastException;
import org.holdfast.libvirt.LibvirtFailure;
import org.holdfast.libvirt.VirtualMachine;
import org.holdfast.migration.hold.Holding;
import org.holdfast.migration.journal.Unfinished;
import org.holdfast.migration.record.Timeline;
import org.holdfast.migration.state.MigrationEvent;
import org.holdfast.migration.state.MigrationState;
import org.holdfast.migration.state.MigrationStateMachine;
import org.holdfast.proto.host.v1.KeptHolding;
import org.holdfast.proto.host.v1.OperationBegun;
import org.holdfast.takeover.KeptNamespace;
import org.holdfast.takeover.TakeoverException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a daemon that starts does about what the one before it left. A suspended VM goes on being
 * held; a migration that had not moved the VM is rolled back; one that had is gone on with; what
 * belongs to nothing is removed.
 *
 * <p>What is held decides, and where the VM is; the journal tells the rest. The order is that of
 * the two methods here.
 */
final class Recovery {
  private static final Logger log = LoggerFactory.getLogger(Recovery.class);
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(100);

  private final Host host;
  private final LocalMigrationEngine engine;
  private final IncomingMigrations incoming;
  private final List<Holding> held = new ArrayList<>();

  Recovery(Host host, LocalMigrationEngine engine, IncomingMigrations incoming) {
    this.host = host;
    this.engine = engine;
    this.incoming = incoming;
  }

  /**
   * Takes up what is held, fences what has arrived, and clears the rest away. Before anybody can
   * ask for anything: a claim that found nothing here would give the connections up.
   */
  void takeUp() {
    for (KeptNamespace kept : host.network().kept()) {
      try {
        take(kept);
      } catch (InvalidProtocolBufferException | TakeoverException e) {
        log.error("{}: what it holds cannot be gone on with, and is lost", kept.name(), e);
      }
    }
    for (Unfinished one : host.journal().unfinished()) {
      if (one.begun().hasArriving()) {
        log.info("{}: is still expected here, or has arrived", one.begun().getDomainName());
        incoming.goOn(one.begun().getArriving().getRequest());
      }
      if (one.begun().hasLeaving()) {
        String target = Destination.hostOf(one.begun().getLeaving().getTargetDaemon());
        host.departures().add(one.migrationId(), Departure.notKnownYet(target));
      }
    }
    List<String> leftovers = host.network().leftovers().find();
    if (!leftovers.isEmpty()) {
      log.warn("An earlier daemon left behind, and it is removed: {}.", leftovers);
      host.network().leftovers().remove();
    }
  }

  private void take(KeptNamespace kept) throws InvalidProtocolBufferException {
    KeptHolding what = KeptHolding.parseFrom(kept.note());
    String migrationId = what.getTicket().getMigrationId();
    MigrationStateMachine machine =
        new MigrationStateMachine(
            host.journal()
                .unfinished(migrationId)
                .map(Unfinished::state)
                .orElse(MigrationState.HOLDING));
    host.journal().follow(migrationId, machine);
    Holding holding =
        Holding.goOn(
            what,
            kept.takeUp(host.holdOptions(0)),
            machine,
            new Timeline(host.name(), Instant.now()));
    // It was complete, or it would not have been kept; a claim's stream broke with its daemon.
    machine.tryFire(MigrationEvent.TAKEN_OVER);
    machine.tryFire(MigrationEvent.CLAIM_BROKEN);
    machine.addListener(
        taken -> {
          if (taken.to().isFinal()) {
            host.holdings().remove(holding);
          }
        });
    host.holdings().add(holding);
    held.add(holding);
    log.info(
        "{}: {} connections are still held; the daemon before this one had come to {}",
        holding.domain().name(),
        holding.size(),
        machine.state());
  }

  /** Finishes or rolls back what is left to do; returns at once. */
  void begin() {
    for (Holding holding : held) {
      run(holding.domain().uuid(), () -> settle(holding));
    }
    for (Unfinished one : host.journal().unfinished()) {
      boolean isHeld = held.stream().anyMatch(it -> it.migrationId().equals(one.migrationId()));
      if (!isHeld && !one.begun().hasArriving()) {
        run(UUID.fromString(one.begun().getDomainUuid()), () -> undo(one));
      }
    }
  }

  /** While this is done no operator may do anything else with the domain. */
  private void run(UUID domain, Runnable work) {
    engine.reserve(domain);
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (RuntimeException failure) {
                log.error("{}: not all could be brought to its end", domain, failure);
              } finally {
                engine.release(domain);
              }
            },
            "recovery-" + domain);
    thread.setDaemon(true);
    thread.start();
  }

  /** Something is held: whoever runs the VM gets it. */
  private void settle(Holding holding) {
    Optional<OperationBegun> begun =
        host.journal().unfinished(holding.migrationId()).map(Unfinished::begun);
    boolean leaving = begun.map(OperationBegun::hasLeaving).orElse(false);
    Optional<VirtualMachine> here = host.active(holding.domain().uuid());
    if (here.isPresent() && leaving && !stays(here.get())) {
      here = Optional.empty();
    }
    if (here.isEmpty()) {
      log.info("{} is not here: whoever wakes it may claim", holding.domain().name());
      begun
          .filter(OperationBegun::hasLeaving)
          .ifPresent(known -> goOn(holding, known.getLeaving().getTargetDaemon()));
    } else if (leaving || here.get().state().isRunning()) {
      begun
          .filter(OperationBegun::hasLeaving)
          .ifPresent(known -> callOff(holding, known.getLeaving().getTargetDaemon()));
      giveBack(holding);
    } else {
      log.info("{} is suspended, and its connections stay held", holding.domain().name());
    }
  }

  private TargetFollower target(Holding holding, String daemon) {
    return new TargetFollower(host, holding.migrationId(), holding.domain().name(), daemon);
  }

  private void callOff(Holding holding, String daemon) {
    host.departures().of(holding.migrationId()).stays();
    target(holding, daemon).abandon();
  }

  /** A claim ends the holding, or its claimant says how it ended; a VM may also be stopped. */
  private void goOn(Holding holding, String daemon) {
    host.departures().of(holding.migrationId()).isOpen();
    TargetFollower target = target(holding, daemon);
    target
        .outcome()
        .thenAccept(
            outcome -> {
              if (outcome.problem().isEmpty()) {
                holding.servedElsewhere();
              } else if (outcome.over()) {
                host.forget(holding);
              }
            });
    target.start();
  }

  private void giveBack(Holding holding) {
    holding.machine().tryFire(MigrationEvent.CANCELLED);
    if (Wake.here(host, holding.domain(), holding.interfaces(), holding.timeline(), nobody -> {})
        .isEmpty()) {
      holding.drop(); // the guest was started again, or its agent was
    }
    host.holdings().remove(holding);
    holding.machine().tryFire(MigrationEvent.RESTORED);
  }

  /** Nothing is held, so the guest has its own sockets; what was begun is called off. */
  private void undo(Unfinished one) {
    String name = one.begun().getDomainName();
    log.info("{}: an earlier daemon had come to {}; it is called off", name, one.state());
    Optional<VirtualMachine> here = host.active(UUID.fromString(one.begun().getDomainUuid()));
    boolean stays = here.isPresent();
    if (one.begun().hasLeaving() && one.state() != MigrationState.PLAIN) {
      stays = stays && stays(here.get());
      if (stays) {
        host.departures().of(one.migrationId()).stays();
        MigrationJob.forgetHoldBack(here.get());
        new TargetFollower(
                host, one.migrationId(), name, one.begun().getLeaving().getTargetDaemon())
            .abandon();
      }
    }
    if (one.begun().hasLeaving()) {
      host.departures().of(one.migrationId()).isOpen(); // unless it stays
    }
    if (stays && one.state() == MigrationState.TAKING_OVER) {
      forgetTicket(here.get());
    }
    host.journal().end(one.migrationId());
  }

  /** The agent may have exported already: the ticket it then has leads nowhere. */
  private void forgetTicket(VirtualMachine vm) {
    try {
      Wake.here(
          host,
          new DomainIdentity(vm.name(), vm.uuid()),
          ClaimedInterfaces.of(vm.describe().interfaces(), List.of()),
          new Timeline(host.name(), Instant.now()),
          nobody -> {});
    } catch (HoldfastException unheard) {
      log.warn("{}: its agent could not be told: {}", vm.name(), unheard.getMessage());
    }
  }

  /** Ends libvirt's job, which goes on without the daemon that began it, and waits for that. */
  private static boolean stays(VirtualMachine vm) {
    try {
      while (vm.state().isActive()) {
        if (vm.jobStatistics().isEmpty() && !isLeaving(vm)) {
          return true;
        }
        abort(vm);
        Thread.sleep(LOOK_INTERVAL.toMillis());
      }
    } catch (LibvirtFailure gone) {
      log.debug("{} has left", vm.name(), gone);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  /** QEMU has stopped it for the last pages, and libvirt has not yet said how it ended. */
  private static boolean isLeaving(VirtualMachine vm) {
    return vm.state().pauseReason() == org.holdfast.libvirt.DomainState.PauseReason.MIGRATION;
  }

  private static void abort(VirtualMachine vm) {
    try {
      vm.abortJob();
    } catch (LibvirtFailure tooLate) {
      log.debug("{}: there is no job to abort", vm.name(), tooLate);
    }
  }
}
