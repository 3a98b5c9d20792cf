package org.holdfast.migration.run;

import java.util.List;
import java.util.function.Consumer;
import org.holdfast.api.HoldfastException;
import org.holdfast.migration.hold.Holding;
import org.holdfast.migration.state.MigrationEvent;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.takeover.GuestPorts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A VM stays on this host after all: its connections go back to it. */
final class WayBack {
  private static final Logger log = LoggerFactory.getLogger(WayBack.class);

  private WayBack() {}

  /**
   * Goes it. The agent's channel must be free.
   *
   * @param ports of the VM; to be closed only if nothing is held afterwards, for the copies still
   *     speak where this fails
   * @param waitingFor hears in words why it takes long
   * @return the ledger; empty if nothing was held
   * @throws HoldfastException ROLL_BACK_FAILED if they are still held; DOMAIN_NOT_RUNNING if the VM
   *     was stopped
   */
  static List<LedgerEntry> go(
      Host host, Holding held, GuestPorts ports, Consumer<String> waitingFor) {
    Wake wake = Wake.ofThisHost(host, held.domain(), ports, held.timeline(), waitingFor);
    try {
      if (host.holdings().of(held.domain().uuid()).isEmpty()) {
        held.drop();
        wake.continueIfLeftStanding();
        return List.of();
      }
      held.timeline().record("roll back", () -> wake.run(ticket -> host.holdings()));
    } catch (Exception failure) {
      if (!held.machine().state().isFinal()) {
        throw failed(host, held, wake, failure);
      }
      log.warn(
          "{} has its connections, but its agent is not heard any more: {}",
          held.domain().name(),
          failure.getMessage());
    }
    host.holdings().remove(held);
    return held.ledger();
  }

  private static HoldfastException failed(Host host, Holding held, Wake wake, Exception failure) {
    held.machine().tryFire(MigrationEvent.BROKEN);
    boolean active = wake.isActive();
    if (!active) {
      host.forget(held);
    }
    return Failures.ofRollBack(held.domain(), active, failure);
  }
}
