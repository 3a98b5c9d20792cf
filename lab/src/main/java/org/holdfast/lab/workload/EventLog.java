package org.holdfast.lab.workload;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects what the clients report, connection by connection. */
final class EventLog {
  private final Map<String, ConnectionHistory> histories = new LinkedHashMap<>();
  private final List<LoadEvent.Rate> rates = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private boolean allEnded;

  void add(LoadEvent event) {
    if (event instanceof LoadEvent.Opened opened) {
      if (histories.putIfAbsent(opened.connection(), new ConnectionHistory(opened)) != null) {
        failures.add(opened.connection() + " was opened a second time");
      }
    } else if (event instanceof LoadEvent.OfConnection told) {
      ConnectionHistory history = histories.get(told.connection());
      if (history == null) {
        throw new LoadException(
            LoadException.Code.EVENTS_UNREADABLE, "this connection was never opened: " + event);
      }
      history.add(told);
    } else if (event instanceof LoadEvent.Rate rate) {
      rates.add(rate);
    } else if (event instanceof LoadEvent.ClientFailure failure) {
      failures.add(failure.words());
    } else if (event instanceof LoadEvent.AllEnded) {
      allEnded = true;
    }
  }

  /** Keeps what became of each connection, and of all else the last only. */
  void forgetProgress() {
    histories.values().forEach(ConnectionHistory::forgetProgress);
    rates.clear();
  }

  Collection<ConnectionHistory> histories() {
    return Collections.unmodifiableCollection(histories.values());
  }

  List<LoadEvent.Rate> rates() {
    return Collections.unmodifiableList(rates);
  }

  List<String> failures() {
    return Collections.unmodifiableList(failures);
  }

  boolean allEnded() {
    return allEnded;
  }
}
