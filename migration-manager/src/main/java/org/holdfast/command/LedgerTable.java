package org.holdfast.command;

import static org.holdfast.command.TextTable.Column.left;
import static org.holdfast.command.TextTable.Column.right;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.Outcome;

/** The ledger as text: every connection, and a sentence that sums them up. */
final class LedgerTable {
  private LedgerTable() {}

  /** What went well stands first, so that what did not is right above the prompt. */
  static String render(List<LedgerEntry> ledger) {
    if (ledger.isEmpty()) {
      return "No connections.\n";
    }
    TextTable table =
        new TextTable(
            left("Local"),
            left("Peer"),
            left("State"),
            left("Outcome"),
            right("Acknowledged"),
            right("Delivered"),
            left("Owner"),
            left("Reason"));
    ledger.stream()
        .sorted(Comparator.comparingInt(entry -> rank(entry.getOutcome())))
        .forEach(entry -> row(table, entry));
    return table.render() + "\n" + summary(ledger) + "\n";
  }

  private static void row(TextTable table, LedgerEntry entry) {
    table.row(
        Words.endpoint(entry.getId().getLocal()),
        Words.endpoint(entry.getId().getPeer()),
        Words.state(entry.getState()),
        Words.outcome(entry.getOutcome()),
        isServed(entry) ? Words.bytes(entry.getBytesAcknowledgedForVm()) : "",
        isServed(entry) ? Words.bytes(entry.getBytesDeliveredForVm()) : "",
        entry.getOwner(),
        reason(entry));
  }

  /** Whether anything could have been acknowledged or delivered on the domain's behalf. */
  private static boolean isServed(LedgerEntry entry) {
    return switch (entry.getOutcome()) {
      case OUTCOME_KEPT,
          OUTCOME_HELD,
          OUTCOME_RESET_BY_PEER,
          OUTCOME_CLOSED_BY_PEER,
          OUTCOME_NOT_CONFORMED ->
          true;
      case OUTCOME_LEFT_TO_TCP, OUTCOME_MANAGEABLE, OUTCOME_UNSPECIFIED, UNRECOGNIZED -> false;
    };
  }

  private static String reason(LedgerEntry entry) {
    String reason = Words.reason(entry.getReason());
    if (reason.isEmpty() || entry.getDetail().isEmpty()) {
      return reason + entry.getDetail();
    }
    return reason + ": " + entry.getDetail();
  }

  private static int rank(Outcome outcome) {
    return switch (outcome) {
      case OUTCOME_KEPT, OUTCOME_MANAGEABLE -> 0;
      case OUTCOME_HELD -> 1;
      case OUTCOME_CLOSED_BY_PEER -> 2;
      case OUTCOME_RESET_BY_PEER -> 3;
      case OUTCOME_LEFT_TO_TCP -> 4;
      case OUTCOME_NOT_CONFORMED -> 5;
      case OUTCOME_UNSPECIFIED, UNRECOGNIZED -> 6;
    };
  }

  /** "58 of 60 connections: 58 kept, 2 left to TCP. 5.8 MiB acknowledged ..." */
  static String summary(List<LedgerEntry> ledger) {
    Map<Outcome, Long> counts =
        ledger.stream()
            .collect(
                Collectors.groupingBy(
                    LedgerEntry::getOutcome,
                    () -> new EnumMap<>(Outcome.class),
                    Collectors.counting()));
    String outcomes =
        counts.entrySet().stream()
            .sorted(Comparator.comparingInt(count -> rank(count.getKey())))
            .map(count -> count.getValue() + " " + Words.outcome(count.getKey()))
            .collect(Collectors.joining(", "));
    String sentence =
        ledger.size() + (ledger.size() == 1 ? " connection: " : " connections: ") + outcomes + ".";
    if (ledger.stream().noneMatch(LedgerTable::isServed)) {
      return sentence;
    }
    return sentence
        + " "
        + Words.bytes(ledger.stream().mapToLong(LedgerEntry::getBytesAcknowledgedForVm).sum())
        + " acknowledged and "
        + Words.bytes(ledger.stream().mapToLong(LedgerEntry::getBytesDeliveredForVm).sum())
        + " delivered on the domain's behalf.";
  }
}
