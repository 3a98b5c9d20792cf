package org.holdfast.lab.report;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.lab.workload.ClientKind;
import org.holdfast.lab.workload.ConnectionHistory;
import org.holdfast.lab.workload.LoadEvent;
import org.holdfast.lab.workload.LoadVerdict;

/**
 * What all clients of a kind say at the end.
 *
 * @param kind of client
 * @param connections how many there were under Holdfast
 * @param holdfast in words, under Holdfast
 * @param holdfastGood whether none of those was lost or found anything wrong
 * @param plain in words, under plain libvirt
 */
record ClientSummary(
    ClientKind kind, int connections, String holdfast, boolean holdfastGood, String plain) {

  static List<ClientSummary> of(DemoResult result) {
    List<ClientSummary> rows = new ArrayList<>();
    for (ClientKind kind : ClientKind.values()) {
      List<ConnectionHistory> ours = histories(result.holdfastRun(), kind);
      if (!ours.isEmpty()) {
        boolean good =
            ours.stream().allMatch(one -> one.ended().isPresent() && one.corruptions().isEmpty());
        String plain = words(histories(result.plainRun(), kind));
        rows.add(new ClientSummary(kind, ours.size(), words(ours), good, plain));
      }
    }
    return rows;
  }

  private static List<ConnectionHistory> histories(LoadVerdict run, ClientKind kind) {
    return run.histories().stream().filter(one -> one.opened().kind() == kind).toList();
  }

  private static String words(List<ConnectionHistory> histories) {
    long lost = histories.stream().filter(one -> one.ended().isEmpty()).count();
    long findings = histories.stream().mapToLong(one -> one.corruptions().size()).sum();
    String wrong = findings == 0 ? "" : "; " + findings + " findings of wrong bytes";
    if (histories.size() == 1) {
      ConnectionHistory only = histories.get(0);
      return only.ended()
              .map(LoadEvent.Ended::words)
              .or(() -> only.lost().map(loss -> "lost: " + loss.words()))
              .orElse("silent")
          + wrong;
    }
    return lost == 0
        ? "all ended in good order, verified on both sides" + wrong
        : lost + " of " + histories.size() + " lost" + wrong;
  }
}
