package org.holdfast.lab.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Measured values of one quantity. */
final class Distribution {
  private final List<Long> values = new ArrayList<>();

  void add(long value) {
    values.add(value);
    Collections.sort(values);
  }

  /**
   * The smallest value that at least this share of all do not exceed (nearest rank).
   *
   * @param share above 0, up to 1
   * @throws IllegalStateException if nothing was measured
   */
  long quantile(double share) {
    if (values.isEmpty()) {
      throw new IllegalStateException("nothing was measured");
    }
    int rank = (int) Math.ceil(share * values.size());
    return values.get(Math.max(rank, 1) - 1);
  }
}
