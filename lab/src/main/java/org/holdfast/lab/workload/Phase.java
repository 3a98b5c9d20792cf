package org.holdfast.lab.workload;

import java.time.Instant;

/**
 * A stretch of a run that is judged by itself, such as one migration.
 *
 * @param name what happened in it
 * @param start when it began
 * @param operationEnd when the operation itself returned
 * @param end when every connection that still stood had received something again, or the wait for
 *     that was given up
 */
public record Phase(String name, Instant start, Instant operationEnd, Instant end) {
  /** Checks the order. */
  public Phase {
    if (operationEnd.isBefore(start) || end.isBefore(operationEnd)) {
      throw new IllegalArgumentException("phase " + name + " ends before it begins");
    }
  }
}
