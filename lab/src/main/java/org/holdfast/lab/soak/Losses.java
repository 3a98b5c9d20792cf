package org.holdfast.lab.soak;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.holdfast.lab.workload.ConnectionHistory;
import org.holdfast.lab.workload.ConnectionVerdict;
import org.holdfast.lab.workload.Fate;
import org.holdfast.lab.workload.LoadEvent;
import org.holdfast.lab.workload.LoadVerdict;
import org.holdfast.lab.workload.PhaseVerdict;

/** Which connections of a load were lost so far, and what came wrong: each is told once. */
final class Losses {
  private final Set<String> lost = new HashSet<>();
  private final Map<String, Integer> findingsTold = new HashMap<>();

  /**
   * What was not told before.
   *
   * @param lines in words, with the time
   * @param lost how many connections
   * @param corrupted how many findings of wrong bytes
   */
  record News(List<String> lines, int lost, int corrupted) {
    News {
      lines = List.copyOf(lines);
    }

    boolean none() {
      return lines.isEmpty();
    }
  }

  /** What the verdict knows that none before it knew. */
  News news(LoadVerdict verdict) {
    List<String> lines = new ArrayList<>();
    int lostBefore = lost.size();
    int corrupted = 0;
    for (ConnectionHistory history : verdict.histories()) {
      corrupted += tellFindings(history, lines);
      history.lost().ifPresent(loss -> tellLoss(history, loss, lines));
    }
    verdict.phases().forEach(phase -> tellSilent(phase, lines));
    return new News(lines, lost.size() - lostBefore, corrupted);
  }

  private int tellFindings(ConnectionHistory history, List<String> lines) {
    String name = history.opened().connection();
    List<LoadEvent.Corruption> findings = history.corruptions();
    int told = findingsTold.getOrDefault(name, 0);
    for (LoadEvent.Corruption finding : findings.subList(told, findings.size())) {
      lines.add("CORRUPTED %s at %s: %s".formatted(name, finding.time(), finding.words()));
    }
    findingsTold.put(name, findings.size());
    return findings.size() - told;
  }

  private void tellLoss(ConnectionHistory history, LoadEvent.Lost loss, List<String> lines) {
    LoadEvent.Opened opened = history.opened();
    if (lost.add(opened.connection())) {
      lines.add(
          "LOST %s at %s: %s (%s to %s, %s; last received at %s)"
              .formatted(
                  opened.connection(),
                  loss.time(),
                  loss.words(),
                  opened.local(),
                  opened.remote(),
                  opened.note().isEmpty() ? "the kernel's own patience" : opened.note(),
                  history.lastReceipt()));
    }
  }

  /** No error, but nothing comes: nobody would call that kept. */
  private void tellSilent(PhaseVerdict phase, List<String> lines) {
    for (ConnectionVerdict connection : phase.complaints()) {
      if (connection.fate() == Fate.SILENT && lost.add(connection.name())) {
        lines.add(
            "LOST %s: no error, but nothing came from the end of %s at %s until %s"
                .formatted(
                    connection.name(),
                    phase.phase().name(),
                    phase.phase().operationEnd(),
                    phase.phase().end()));
      }
    }
  }
}
