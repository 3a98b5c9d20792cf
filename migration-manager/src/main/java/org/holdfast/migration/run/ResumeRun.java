package org.holdfast.migration.run;

import java.util.List;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.libvirt.VirtualMachine;
import org.holdfast.migration.hold.Holding;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.MigrationReport;

/**
 * Continues a suspended VM and gives its connections back: the second half of a {@link SuspendRun}.
 */
final class ResumeRun extends Operation {
  private final Host host;
  private final Holding holding;
  private List<LedgerEntry> ledger = List.of();

  ResumeRun(Host host, Holding holding) {
    super("resume", holding.domain(), host.name(), holding.machine());
    this.host = host;
    this.holding = holding;
    holding.recordOn(timeline());
  }

  /**
   * @throws HoldfastException NOTHING_HELD if this host holds nothing for the domain
   */
  static Holding requireHolding(Host host, VirtualMachine vm) {
    return host.holdings()
        .of(vm.uuid())
        .orElseThrow(
            () ->
                new HoldfastException(
                    ErrorCode.NOTHING_HELD,
                    "No connections of domain %s are held on this host.".formatted(vm.name()),
                    "\"virsh resume\" continues a domain whose connections nobody holds."));
  }

  @Override
  void run() {
    ledger = Wake.here(host, domain(), holding.interfaces(), timeline(), this::waitsFor);
    if (ledger.isEmpty()) {
      // The guest kept its own sockets: it was restarted, or its agent was.
      ledger = holding.ledger();
      holding.drop();
    }
    host.holdings().remove(holding);
  }

  @Override
  void discard() {}

  @Override
  List<LedgerEntry> ledger() {
    return ledger;
  }

  @Override
  void completeReport(MigrationReport.Builder builder) {
    builder.setNote(holding.remark());
  }

  @Override
  public boolean cancel() {
    return false;
  }
}
