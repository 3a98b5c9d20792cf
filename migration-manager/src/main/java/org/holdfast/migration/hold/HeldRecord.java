package org.holdfast.migration.hold;

import org.holdfast.proto.agent.v1.ExportedConnection;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.holdfast.proto.host.v1.KeptConnection;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.Outcome;

/**
 * What the ledger says of one exported connection; changes as the connection goes its way.
 *
 * <p>Not safe for use by several threads at once.
 */
final class HeldRecord {
  private final ExportedConnection exported;
  private final LedgerEntry.Builder entry;

  HeldRecord(ExportedConnection exported) {
    this.exported = exported;
    this.entry =
        LedgerEntry.newBuilder()
            .setId(exported.getState().getId())
            .setState(exported.getState().getState())
            .setOwner(exported.getOwner())
            .setOutcome(Outcome.OUTCOME_HELD);
  }

  /** As an earlier process knew it. */
  HeldRecord(KeptConnection kept) {
    this.exported = kept.getExported();
    this.entry = kept.getEntry().toBuilder();
  }

  KeptConnection toKept() {
    return KeptConnection.newBuilder().setExported(exported).setEntry(entry).build();
  }

  ExportedConnection exported() {
    return exported;
  }

  /** It was exported, but not taken over. */
  void leftToTcp(UnmanagedReason reason, String why) {
    entry.setOutcome(Outcome.OUTCOME_LEFT_TO_TCP).setReason(reason).setDetail(why);
  }

  void counted(long acknowledgedForVm, long deliveredForVm) {
    entry.setBytesAcknowledgedForVm(acknowledgedForVm).setBytesDeliveredForVm(deliveredForVm);
  }

  void kept() {
    entry.setOutcome(Outcome.OUTCOME_KEPT);
  }

  /**
   * What operators should know of it though it is kept.
   *
   * @param what in words, or empty
   */
  void remark(String what) {
    if (!what.isEmpty()) {
      entry.setDetail(what);
    }
  }

  void resetByPeer() {
    entry.setOutcome(Outcome.OUTCOME_RESET_BY_PEER);
  }

  void notConformed(String why) {
    entry.setOutcome(Outcome.OUTCOME_NOT_CONFORMED).setDetail(why);
  }

  boolean isHeld() {
    return entry.getOutcome() == Outcome.OUTCOME_HELD;
  }

  LedgerEntry entry() {
    return entry.build();
  }
}
