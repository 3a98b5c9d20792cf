package org.holdfast.lab.soak;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.holdfast.lab.fault.HostFootprint;

/**
 * What the hosts have that they had not in the beginning. Each leftover is told once: it may stay
 * for the rest of the run, or go.
 */
final class Leftovers {
  private final Map<String, String> beginning;
  private final Set<String> told = new HashSet<>();

  /**
   * Remembers the beginning.
   *
   * @param beginning answers, by question
   */
  Leftovers(Map<String, String> beginning) {
    this.beginning = new LinkedHashMap<>(beginning);
  }

  /** Whether there is nothing in it that would be news. */
  boolean none(Map<String, String> now) {
    return told.containsAll(HostFootprint.differences(beginning, now));
  }

  /** What is new, one entry for each question that has another answer. */
  List<String> news(Map<String, String> now) {
    return HostFootprint.differences(beginning, now).stream()
        .filter(told::add)
        .map(difference -> "LEFT on " + difference)
        .toList();
  }
}
