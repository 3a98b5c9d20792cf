package org.holdfast.migration.run;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.holdfast.api.DomainIdentity;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.api.KeepPolicy;
import org.holdfast.proto.agent.v1.ScanResult;
import org.holdfast.proto.agent.v1.ScannedConnection;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.Outcome;
import org.holdfast.takeover.InterfaceAddress;
import org.holdfast.takeover.VmInterface;
import org.holdfast.wire.EndpointCodec;
import org.holdfast.wire.WireFormatException;

/**
 * What would become of a VM's connections if it were taken over now.
 *
 * @param scan what the agent found
 * @param interfaces with the addresses that are found to be the VM's own
 */
record Outlook(DomainIdentity domain, ScanResult scan, List<VmInterface> interfaces) {

  /** Every connection, with the outcome to be expected. */
  List<LedgerEntry> ledger() {
    Set<InetAddress> own =
        interfaces.stream()
            .flatMap(one -> one.addresses().stream())
            .map(InterfaceAddress::address)
            .collect(Collectors.toSet());
    List<LedgerEntry> ledger = new ArrayList<>();
    for (ScannedConnection connection : scan.getConnectionsList()) {
      LedgerEntry.Builder entry = TakeOver.leftToTcp(connection).toBuilder();
      if (connection.getManageable() && isOn(own, connection)) {
        entry.setOutcome(Outcome.OUTCOME_MANAGEABLE).clearReason();
      } else if (connection.getManageable()) {
        entry.setReason(UnmanagedReason.UNMANAGED_REASON_ADDRESS_NOT_OWNED);
      }
      ledger.add(entry.build());
    }
    return ledger;
  }

  /** The same if nothing is taken over, and why. */
  List<LedgerEntry> leftToTcp(String why) {
    return ledger().stream()
        .map(
            entry ->
                entry.getOutcome() == Outcome.OUTCOME_MANAGEABLE
                    ? entry.toBuilder()
                        .setOutcome(Outcome.OUTCOME_LEFT_TO_TCP)
                        .setDetail(why)
                        .build()
                    : entry)
        .toList();
  }

  private static boolean isOn(Set<InetAddress> own, ScannedConnection connection) {
    try {
      return own.contains(
          EndpointCodec.address(connection.getId().getLocal().getAddress(), "local"));
    } catch (WireFormatException e) {
      return false;
    }
  }

  /**
   * @throws HoldfastException CONNECTIONS_NOT_KEEPABLE if the policy asks for all and one cannot be
   *     kept
   */
  void require(KeepPolicy policy) {
    require(policy, ledger());
  }

  /** The same for what has become of them: more is known when they are taken over. */
  void require(KeepPolicy policy, List<LedgerEntry> ledger) {
    if (policy != KeepPolicy.REQUIRE) {
      return;
    }
    List<LedgerEntry> left =
        ledger.stream()
            .filter(entry -> entry.getOutcome() == Outcome.OUTCOME_LEFT_TO_TCP)
            .filter(entry -> needsKeeping(entry.getReason()))
            .toList();
    if (!left.isEmpty()) {
      throw new HoldfastException(
          ErrorCode.CONNECTIONS_NOT_KEEPABLE,
          "%d connections of domain %s cannot be kept, the first because of %s."
              .formatted(left.size(), domain.name(), left.get(0).getReason()));
    }
  }

  /** Connections inside the VM, and those that are over, need no keeping. */
  private static boolean needsKeeping(UnmanagedReason reason) {
    return switch (reason) {
      case UNMANAGED_REASON_LOCAL,
          UNMANAGED_REASON_TIME_WAIT,
          UNMANAGED_REASON_AGENT_OWNED,
          UNMANAGED_REASON_VANISHED ->
          false;
      default -> true;
    };
  }
}
