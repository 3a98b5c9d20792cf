package org.holdfast.migration.run;

import java.time.Duration;
import java.util.List;
import org.holdfast.api.HoldfastException;
import org.holdfast.api.StatusMapping;
import org.holdfast.api.SuspendCommand;
import org.holdfast.libvirt.LibvirtFailure;
import org.holdfast.migration.hold.Holding;
import org.holdfast.migration.state.MigrationEvent;
import org.holdfast.migration.state.MigrationState;
import org.holdfast.proto.agent.v1.ScanResult;
import org.holdfast.proto.host.v1.OperationBegun;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.VmInterface;

/** Takes a VM's connections over and pauses it. What is held stays held when this has ended. */
final class SuspendRun extends Operation {
  private final Host host;
  private final Preparation preparation;
  private final SuspendCommand command;
  private final List<VmInterface> interfaces;
  private final Outlook outlook;
  private List<LedgerEntry> ledger = List.of();

  /**
   * @throws HoldfastException CONNECTIONS_NOT_KEEPABLE if the policy asks for all and one cannot be
   *     kept
   */
  SuspendRun(Host host, SuspendCommand command, Preparation preparation, ScanResult scan) {
    super("suspend", preparation.domain(), host.name());
    this.host = host;
    this.preparation = preparation;
    this.command = command;
    this.outlook = timeline().recordValue("probe", () -> preparation.outlook(scan));
    this.interfaces = outlook.interfaces();
    outlook.require(command.keepPolicy());
    machine().fire(MigrationEvent.PREFLIGHT_PASSED);
  }

  @Override
  void run() throws Exception {
    try (preparation) {
      Holding holding = prepare();
      GuestPorts ports = host.network().guestPorts(interfaces);
      try {
        machine().fire(MigrationEvent.TAKE_OVER_TRIGGERED);
        host.holdings().add(holding);
        takeOver(holding, ports);
        pause(holding, ports);
        ledger = holding.ledger();
        publish(progress -> progress.setConnectionsHeld(holding.size()));
      } finally {
        // As long as the copies speak the VM must not, whoever lets it run.
        if (host.holdings().of(domain().uuid()).isEmpty()) {
          ports.close();
        }
      }
    }
  }

  private Holding prepare() {
    try {
      note(
          host.journal(),
          OperationBegun.newBuilder()
              .setSuspending(OperationBegun.Suspending.getDefaultInstance()));
      timeline().record("self-test", () -> preparation.awaitSelfTest(() -> {}));
      return timeline().recordValue("prepare", () -> preparation.prepareHolding(this, interfaces));
    } catch (RuntimeException refused) {
      machine().fire(MigrationEvent.REFUSED);
      throw refused;
    }
  }

  private void takeOver(Holding holding, GuestPorts ports) {
    try {
      new TakeOver(preparation.agent(), holding, ports, Duration.ZERO, Duration.ZERO).run();
    } catch (RuntimeException failure) {
      if (machine().state() == MigrationState.HOLDING) {
        throw rollBack(holding, ports, StatusMapping.asHoldfastException(failure));
      }
      host.holdings().remove(holding);
      holding.drop();
      machine().fire(MigrationEvent.CANCELLED);
      machine().fire(MigrationEvent.RESTORED);
      throw failure;
    }
  }

  private void pause(Holding holding, GuestPorts ports) throws Exception {
    try {
      // The export knows more than the scan did.
      outlook.require(command.keepPolicy(), holding.ledger());
      timeline().record("pause", () -> preparation.machine().suspend());
    } catch (LibvirtFailure failure) {
      throw rollBack(holding, ports, Failures.of(failure));
    } catch (HoldfastException refused) {
      throw rollBack(holding, ports, refused);
    }
  }

  private HoldfastException rollBack(Holding holding, GuestPorts ports, HoldfastException why) {
    machine().fire(MigrationEvent.CANCELLED);
    preparation.close();
    try {
      ledger = WayBack.go(host, holding, ports, this::waitsFor);
    } catch (HoldfastException failure) {
      failure.addSuppressed(why);
      return failure;
    }
    machine().tryFire(MigrationEvent.RESTORED);
    return why;
  }

  @Override
  void discard() {
    preparation.close();
  }

  @Override
  List<LedgerEntry> ledger() {
    return ledger;
  }

  @Override
  void completeReport(MigrationReport.Builder builder) {}

  /** A takeover is over before an operator could ask; what is held is ended with resume. */
  @Override
  public boolean cancel() {
    return machine().state() == MigrationState.PREFLIGHT;
  }
}
