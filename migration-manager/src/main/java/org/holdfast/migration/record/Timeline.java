package org.holdfast.migration.record;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.holdfast.proto.v1.TimelineEntry;

/**
 * The steps of one operation on one host, each with its begin and length. Lengths are measured by
 * the monotonic clock; begins are told against the wall clock of the operation's begin, so that two
 * hosts' entries can stand in one list. Safe for use by several threads.
 */
public final class Timeline {
  private final String host;
  private final Instant operationBegin;
  private final long originNanos;
  private final Duration originOffset;
  private final List<TimelineEntry> entries = new ArrayList<>();

  /**
   * @param host this host's name, told with each entry
   * @param operationBegin when the operation began, by the clock of the host that began it
   */
  public Timeline(String host, Instant operationBegin) {
    this.host = host;
    this.operationBegin = operationBegin;
    this.originNanos = System.nanoTime();
    this.originOffset = Duration.between(operationBegin, Instant.now());
  }

  /** When the operation began, wall clock. */
  public Instant operationBegin() {
    return operationBegin;
  }

  /** A moment to measure from. */
  public long now() {
    return System.nanoTime();
  }

  /** Runs {@code step} and records it under {@code name}, also when it fails. */
  public <T> T recordValue(String name, Supplier<T> step) {
    long begin = now();
    try {
      return step.get();
    } finally {
      add(name, begin, now());
    }
  }

  /** A step that gives no answer. */
  public void record(String name, Runnable step) {
    recordValue(
        name,
        () -> {
          step.run();
          return this;
        });
  }

  /** Records a step between two {@link #now() moments}. */
  public synchronized void add(String name, long begin, long end) {
    Duration sinceBegin = originOffset.plusNanos(begin - originNanos);
    entries.add(
        TimelineEntry.newBuilder()
            .setName(name)
            .setHost(host)
            .setStartMicros(Math.max(0, sinceBegin.truncatedTo(ChronoUnit.MICROS).toNanos() / 1000))
            .setDurationMicros((end - begin) / 1000)
            .build());
  }

  /** Adds another host's entries of the same operation. */
  public synchronized void addAll(List<TimelineEntry> others) {
    entries.addAll(others);
  }

  /** All entries in the order of their begins. */
  public synchronized List<TimelineEntry> entries() {
    return entries.stream()
        .sorted((a, b) -> Long.compareUnsigned(a.getStartMicros(), b.getStartMicros()))
        .toList();
  }

  /** The length of the last step of that name. */
  public synchronized Optional<Duration> duration(String name) {
    return entries.stream()
        .filter(entry -> entry.getName().equals(name))
        .reduce((first, second) -> second)
        .map(entry -> Duration.of(entry.getDurationMicros(), ChronoUnit.MICROS));
  }
}
