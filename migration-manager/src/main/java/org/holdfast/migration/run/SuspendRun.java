package org.holdfast.migration.run;

import java.time.Duration;
import java.util.List;
import org.holdfast.api.HoldfastException;
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
      try (GuestPorts ports = host.network().guestPorts(interfaces)) {
        machine().fire(MigrationEvent.TAKE_OVER_TRIGGERED);
        host.holdings().add(holding);
        takeOver(holding, ports);
        pause(holding, ports);
        ledger = holding.ledger();
        publish(progress -> progress.setConnectionsHeld(holding.size()));
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
        rollBack(holding, ports);
        throw failure;
      }
      host.holdings().remove(holding);
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
      rollBack(holding, ports);
      throw Failures.of(failure);
    } catch (HoldfastException refused) {
      rollBack(holding, ports);
      throw refused;
    }
  }

  private void rollBack(Holding holding, GuestPorts ports) {
    machine().fire(MigrationEvent.CANCELLED);
    ledger =
        new GiveBack(domain().uuid(), preparation.agent(), ports, timeline())
            .run(host.holdings(), holding.ticket());
    host.holdings().remove(holding);
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
