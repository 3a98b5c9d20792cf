package org.holdfast.lab.soak;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What the hosts have that they had not in the beginning. Each leftover is told once: it may stay
 * for the rest of the run, or go.
 */
final class Leftovers {
  private final Map<String, String> beginning;
  private final Map<String, String> told = new LinkedHashMap<>();

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
    return now.keySet().stream().noneMatch(question -> isNews(question, now));
  }

  /** What is new, one entry for each question that has another answer. */
  List<String> news(Map<String, String> now) {
    List<String> lines = new ArrayList<>();
    for (String question : now.keySet()) {
      if (isNews(question, now)) {
        String answer = now.getOrDefault(question, "");
        lines.add(
            "LEFT on %s: %s"
                .formatted(question, difference(beginning.getOrDefault(question, ""), answer)));
        told.put(question, answer);
      }
    }
    return lines;
  }

  private boolean isNews(String question, Map<String, String> now) {
    String answer = now.get(question);
    return !Objects.equals(answer, beginning.get(question))
        && !Objects.equals(answer, told.get(question));
  }

  /** The lines that came and went. */
  private static String difference(String before, String after) {
    List<String> old = before.lines().toList();
    List<String> present = after.lines().toList();
    List<String> words = new ArrayList<>();
    present.stream().filter(line -> !old.contains(line)).forEach(line -> words.add("+ " + line));
    old.stream().filter(line -> !present.contains(line)).forEach(line -> words.add("- " + line));
    return words.isEmpty() ? "the same lines, but not as often" : String.join("; ", words);
  }
}
