package org.holdfast.migration.hold;

import java.util.UUID;
import org.holdfast.proto.agent.v1.Ticket;

/** Whoever holds a VM's connections: this daemon or another host's. */
public interface Holder {

  /**
   * Claims what is held for a VM.
   *
   * @param ticket as the VM showed it
   * @param domain the VM that showed it
   * @throws org.holdfast.api.HoldfastException NOTHING_HELD if nothing is held under the ticket
   *     (the guest has its own sockets); CLAIM_REFUSED if the ticket is not the VM's;
   *     HOLDER_UNREACHABLE
   */
  Claim claim(Ticket ticket, UUID domain);
}
