package org.holdfast.migration.run;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.holdfast.api.DomainIdentity;
import org.holdfast.api.EngineCommand;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.Execution;
import org.holdfast.api.HoldfastException;
import org.holdfast.api.KeepPolicy;
import org.holdfast.api.MigrateCommand;
import org.holdfast.api.MigrationEngine;
import org.holdfast.api.ResumeCommand;
import org.holdfast.api.SuspendCommand;
import org.holdfast.libvirt.LibvirtConnection;
import org.holdfast.libvirt.LibvirtFailure;
import org.holdfast.libvirt.VirtualMachine;
import org.holdfast.migration.hold.Holding;
import org.holdfast.proto.agent.v1.ScanResult;
import org.holdfast.proto.v1.LedgerEntry;

/** The engine of this host: checks a command, then lets the operation of its verb run. */
final class LocalMigrationEngine implements MigrationEngine {
  private final Host host;
  private final Set<UUID> busy = ConcurrentHashMap.newKeySet();

  LocalMigrationEngine(Host host) {
    this.host = host;
  }

  @Override
  public DomainIdentity identify(String domain) {
    VirtualMachine machine = lookup(domain);
    return new DomainIdentity(machine.name(), machine.uuid());
  }

  private VirtualMachine lookup(String domain) {
    try {
      return host.libvirt().lookup(domain);
    } catch (LibvirtFailure failure) {
      throw Failures.of(failure);
    }
  }

  @Override
  public Execution migrate(MigrateCommand command) {
    VirtualMachine machine = lookup(command.domain());
    return begin(machine, () -> preflight(machine, command));
  }

  @Override
  public Execution suspend(SuspendCommand command) {
    VirtualMachine machine = lookup(command.domain());
    return begin(machine, () -> preflight(machine, command));
  }

  @Override
  public Execution resume(ResumeCommand command) {
    VirtualMachine machine = lookup(command.domain());
    return begin(machine, () -> new ResumeRun(host, ResumeRun.requireHolding(host, machine)));
  }

  /** What makes an operation, or says why not. */
  private interface Preflight {
    Operation run();
  }

  private Execution begin(VirtualMachine machine, Preflight preflight) {
    reserve(machine);
    try {
      Operation operation = preflight.run();
      operation.start(() -> busy.remove(machine.uuid()));
      return operation;
    } catch (LibvirtFailure failure) {
      busy.remove(machine.uuid());
      throw Failures.of(failure);
    } catch (RuntimeException refused) {
      busy.remove(machine.uuid());
      throw refused;
    }
  }

  /** Until {@link #release} nobody else may begin anything with this domain. */
  void reserve(UUID domain) {
    busy.add(domain);
  }

  /** Does it unless an operation on this domain is under way; none begins meanwhile. */
  void ifNothingElse(UUID domain, Runnable work) {
    if (busy.add(domain)) {
      try {
        work.run();
      } finally {
        busy.remove(domain);
      }
    }
  }

  void release(UUID domain) {
    busy.remove(domain);
  }

  private void reserve(VirtualMachine machine) {
    if (!busy.add(machine.uuid())) {
      throw new HoldfastException(
          ErrorCode.ALREADY_MIGRATING,
          "Another operation on domain %s is under way.".formatted(machine.name()));
    }
  }

  private Operation preflight(VirtualMachine machine, MigrateCommand command) {
    Destination destination = Destination.of(command.destinationUri(), command.destinationDaemon());
    Preparation.requireRunning(machine);
    requireNothingHeld(machine);
    requireAnotherHost(destination);
    if (command.keepPolicy() == KeepPolicy.OFF) {
      return new PlainRun(host, machine, command, destination);
    }
    Preparation preparation = Preparation.begin(host, machine);
    try {
      ScanResult scan = preparation.scan();
      MigrateRun run = new MigrateRun(host, command, destination, preparation, scan);
      run.askTarget();
      return run;
    } catch (RuntimeException refused) {
      preparation.close();
      throw refused;
    }
  }

  private Operation preflight(VirtualMachine machine, SuspendCommand command) {
    requireNothingHeld(machine);
    Preparation preparation = Preparation.begin(host, machine);
    try {
      return new SuspendRun(host, command, preparation, preparation.scan());
    } catch (RuntimeException refused) {
      preparation.close();
      throw refused;
    }
  }

  private void requireNothingHeld(VirtualMachine machine) {
    if (host.holdings().of(machine.uuid()).isPresent()) {
      throw new HoldfastException(
          ErrorCode.ALREADY_MIGRATING,
          "The connections of domain %s are held already.".formatted(machine.name()),
          "\"holdfast resume\" gives them back.");
    }
  }

  private void requireAnotherHost(Destination destination) {
    try (LibvirtConnection there = LibvirtConnection.open(destination.uri())) {
      if (there.hostName().equals(host.libvirt().hostName())) {
        throw new HoldfastException(
            ErrorCode.SAME_HOST, "The destination %s is this host.".formatted(destination.uri()));
      }
    } catch (LibvirtFailure failure) {
      throw new HoldfastException(
          ErrorCode.TARGET_UNREACHABLE,
          "No libvirtd answers at %s: %s.".formatted(destination.uri(), failure.getMessage()),
          ErrorCode.TARGET_UNREACHABLE.usualRemedy(),
          failure);
    }
  }

  @Override
  public List<String> validate(EngineCommand command) {
    VirtualMachine machine = lookup(command.domain());
    reserve(machine);
    try {
      if (command instanceof MigrateCommand migrate) {
        preflight(machine, migrate).discard();
      } else if (command instanceof SuspendCommand suspend) {
        preflight(machine, suspend).discard();
      } else {
        ResumeRun.requireHolding(host, machine);
      }
      return List.of();
    } catch (LibvirtFailure failure) {
      throw Failures.of(failure);
    } finally {
      busy.remove(machine.uuid());
    }
  }

  @Override
  public List<LedgerEntry> connections(String domain) {
    VirtualMachine machine = lookup(domain);
    Optional<Holding> held = host.holdings().of(machine.uuid());
    if (held.isPresent()) {
      return held.get().ledger();
    }
    try (Preparation preparation = Preparation.begin(host, machine)) {
      return preparation.outlook(preparation.scan()).ledger();
    } catch (LibvirtFailure failure) {
      throw Failures.of(failure);
    }
  }
}
