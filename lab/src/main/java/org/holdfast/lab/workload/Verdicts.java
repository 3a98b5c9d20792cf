package org.holdfast.lab.workload;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The arithmetic from what connections reported to what a phase did to them. */
final class Verdicts {
  private Verdicts() {}

  /**
   * Judges each phase. A loss counts for the phase in which, or after which, it was noticed: what
   * happens between two phases is the first one's doing.
   */
  static List<PhaseVerdict> of(List<Phase> phases, Collection<ConnectionHistory> histories) {
    List<PhaseVerdict> verdicts = new ArrayList<>();
    for (int index = 0; index < phases.size(); index++) {
      boolean last = index == phases.size() - 1;
      Instant until = last ? Instant.MAX : phases.get(index + 1).start();
      verdicts.add(verdict(phases.get(index), until, histories));
    }
    return verdicts;
  }

  private static PhaseVerdict verdict(
      Phase phase, Instant until, Collection<ConnectionHistory> histories) {
    return new PhaseVerdict(
        phase,
        histories.stream()
            .filter(history -> history.openAt(phase.start()))
            .map(history -> verdict(phase, until, history))
            .toList());
  }

  private static ConnectionVerdict verdict(Phase phase, Instant until, ConnectionHistory history) {
    Instant from = phase.start();
    String words = history.ended().map(LoadEvent.Ended::words).orElse("");
    return new ConnectionVerdict(
        history.opened().connection(),
        history.opened().kind(),
        fate(phase, until, history),
        history.bytesAt(phase.end()) - history.bytesAt(from),
        history.corruptions().stream()
            .filter(finding -> within(finding.time(), from, until))
            .map(LoadEvent.Corruption::words)
            .toList(),
        history.longestSilence(from, phase.end()),
        history.lost().map(LoadEvent.Lost::words).orElse(words));
  }

  private static Fate fate(Phase phase, Instant until, ConnectionHistory history) {
    if (history.lost().filter(lost -> lost.time().isBefore(until)).isPresent()) {
      return Fate.LOST;
    }
    if (history.ended().isPresent()) {
      boolean within = !history.ended().get().time().isAfter(phase.end());
      return within ? Fate.COMPLETED : Fate.KEPT;
    }
    return history.lastReceipt().isAfter(phase.operationEnd()) ? Fate.KEPT : Fate.SILENT;
  }

  private static boolean within(Instant time, Instant from, Instant until) {
    return !time.isBefore(from) && time.isBefore(until);
  }
}
