package org.holdfast.lab.workload;

import java.util.List;

/**
 * What came of a whole run.
 *
 * @param phases verdict on each phase, in order
 * @param histories what each connection reported
 * @param rates bytes verified by all streams, in windows of 50 ms
 * @param guestLogs what the guest's applications logged
 * @param failures clients that failed of themselves: with any, the run proves nothing
 */
public record LoadVerdict(
    List<PhaseVerdict> phases,
    List<ConnectionHistory> histories,
    List<LoadEvent.Rate> rates,
    List<GuestLog> guestLogs,
    List<String> failures) {
  /** Keeps the lists. */
  public LoadVerdict {
    phases = List.copyOf(phases);
    histories = List.copyOf(histories);
    rates = List.copyOf(rates);
    guestLogs = List.copyOf(guestLogs);
    failures = List.copyOf(failures);
  }

  /**
   * Judges what clients reported.
   *
   * @param phases of the run, in order
   * @param events of all clients, each connection's in order
   * @param guestLogs what the guest's applications logged
   */
  public static LoadVerdict of(
      List<Phase> phases, List<LoadEvent> events, List<GuestLog> guestLogs) {
    EventLog log = new EventLog();
    events.forEach(log::add);
    return of(phases, log, guestLogs);
  }

  static LoadVerdict of(List<Phase> phases, EventLog log, List<GuestLog> guestLogs) {
    return new LoadVerdict(
        Verdicts.of(phases, log.histories()),
        List.copyOf(log.histories()),
        log.rates(),
        guestLogs,
        log.failures());
  }

  /** The verdict on the phase of that name. */
  public PhaseVerdict phase(String name) {
    return phases.stream()
        .filter(verdict -> verdict.phase().name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("the run had no phase '" + name + "'"));
  }

  /** Findings of wrong bytes over the whole run, between phases too. */
  public int corrupted() {
    return histories.stream().mapToInt(history -> history.corruptions().size()).sum();
  }

  /** Errors the guest's applications logged. */
  public List<String> guestErrors() {
    return guestLogs.stream()
        .flatMap(log -> log.errors().stream().map(line -> log.application() + ": " + line))
        .toList();
  }
}
