package org.holdfast.lab.soak;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How many descriptors each process had, time after time, and which had more and more. */
final class DescriptorTrend {
  /**
   * So many more than in the beginning are no leak, however many migrations lie between: a daemon
   * opens things when it needs them first, and keeps them.
   */
  static final int FEW = 16;

  private final Map<String, List<Long>> counts = new LinkedHashMap<>();

  void add(String process, long descriptors) {
    counts.computeIfAbsent(process, name -> new ArrayList<>()).add(descriptors);
  }

  /** Each process that leaks, with the number of descriptors it has more than in the beginning. */
  Map<String, Long> leaks() {
    Map<String, Long> leaks = new LinkedHashMap<>();
    counts.forEach(
        (process, numbers) -> {
          long leaked = leaked(numbers);
          if (leaked > 0) {
            leaks.put(process, leaked);
          }
        });
    return leaks;
  }

  /**
   * How many more there are in the end than in the beginning, if that is more than a few and the
   * second half of the run had its share in it; otherwise 0. What grew once and then stood is what
   * the process needs.
   */
  static long leaked(List<Long> counts) {
    if (counts.size() < 2) {
      return 0;
    }
    long last = counts.get(counts.size() - 1);
    long growth = last - counts.get(0);
    long growthLately = last - counts.get((counts.size() - 1) / 2);
    return growth > FEW && growthLately * 4 > growth ? growth : 0;
  }
}
