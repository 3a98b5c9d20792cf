package org.holdfast.migration.run;

import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.holdfast.api.DomainIdentity;
import org.holdfast.api.HoldfastException;
import org.holdfast.libvirt.VirtualMachine;
import org.holdfast.migration.hold.Holding;
import org.holdfast.migration.journal.Unfinished;
import org.holdfast.migration.record.Timeline;
import org.holdfast.migration.state.MigrationEvent;
import org.holdfast.migration.state.MigrationState;
import org.holdfast.migration.state.MigrationStateMachine;
import org.holdfast.proto.host.v1.KeptHolding;
import org.holdfast.takeover.KeptNamespace;
import org.holdfast.takeover.TakeoverException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a daemon that starts does about what the one before it left. A suspended VM goes on being
 * held; a migration that had not moved the VM is rolled back; one that had is gone on with; what
 * belongs to nothing is removed.
 *
 * <p>What is held decides, then whether the target was let run the VM, then where it is. The order
 * is that of the two methods here.
 */
final class Recovery {
  private static final Logger log = LoggerFactory.getLogger(Recovery.class);

  private final Host host;
  private final LocalMigrationEngine engine;
  private final IncomingMigrations incoming;
  private final List<Holding> held = new ArrayList<>();

  /** By the migrations' ids. */
  private final Map<String, RecoveredMove> moves = new HashMap<>();

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
        moves.put(one.migrationId(), RecoveredMove.of(host, one));
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
  private void run(UUID domain, Background.Work work) {
    engine.reserve(domain);
    Background.start(
        "recovery-" + domain,
        () -> {
          try {
            work.run();
          } catch (RuntimeException failure) {
            log.error("{}: not all could be brought to its end", domain, failure);
          } finally {
            engine.release(domain);
          }
        });
  }

  /** Something is held: whoever runs the VM gets it. */
  private void settle(Holding holding) throws InterruptedException {
    DomainIdentity domain = holding.domain();
    RecoveredMove move = moves.get(holding.migrationId());
    if (move != null) {
      settle(holding, move);
    } else if (StaleCopy.isGone(host, domain)) {
      log.info("{} is not here: whoever wakes it may claim", domain.name());
    } else if (host.active(domain.uuid()).filter(vm -> vm.state().isRunning()).isPresent()) {
      giveBack(holding);
    } else {
      log.info("{} is suspended, and its connections stay held", domain.name());
    }
  }

  /** The domain was about to leave: it is rolled back if it may be, or its target claims. */
  private void settle(Holding holding, RecoveredMove move) throws InterruptedException {
    move.bound(holding);
    if (move.staysHere()) {
      giveBack(holding);
    } else {
      log.info("{} is not here: its target may claim", holding.domain().name());
      move.awaitClaim(holding);
    }
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
  private void undo(Unfinished one) throws InterruptedException {
    String name = one.begun().getDomainName();
    RecoveredMove move = moves.get(one.migrationId());
    log.info("{}: an earlier daemon had come to {}; it is brought to its end", name, one.state());
    try {
      boolean stays = move == null || move.staysHere();
      if (stays && move != null) {
        move.continueIfLeftStanding();
      }
      if (stays && one.state() == MigrationState.TAKING_OVER) {
        host.active(UUID.fromString(one.begun().getDomainUuid())).ifPresent(this::forgetTicket);
      }
    } finally {
      // What could not be found out is an operator's now: the next daemon must not stop it again.
      host.journal().end(one.migrationId());
    }
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
}
