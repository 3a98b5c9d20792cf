package org.holdfast.lab.bench;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.holdfast.lab.LabException;
import org.holdfast.lab.report.LineChart.Point;

/** What peers had sent by when, as their program noted it (store_clients.py). */
final class Throughput {
  private static final double MEBIBYTE = 1 << 20;

  /** Bytes by seconds since the origin; never empty. */
  private final NavigableMap<Double, Long> sent;

  private Throughput(NavigableMap<Double, Long> sent) {
    this.sent = sent;
  }

  /**
   * Reads it.
   *
   * @param notes lines of seconds since the epoch and the bytes sent until then
   * @param origin from which time is counted; the program's clock is this machine's
   * @throws LabException if nothing was noted
   */
  static Throughput of(String notes, Instant origin) {
    NavigableMap<Double, Long> sent = new TreeMap<>();
    for (String note : notes.lines().toList()) {
      String[] words = note.split(" ", 2);
      double seconds = Double.parseDouble(words[0]) - origin.toEpochMilli() / 1000.0;
      sent.put(seconds, Long.parseLong(words[1]));
    }
    if (sent.isEmpty()) {
      throw new LabException("the peers' program noted nothing");
    }
    return new Throughput(sent);
  }

  /**
   * The rates of a time, one for each second of it, in its middle. What is over is shared out among
   * them, so that none has anything in it of the time before or after.
   *
   * @param from seconds since the origin
   * @param until seconds since the origin
   * @return MiB/s
   */
  List<Point> rates(double from, double until) {
    int count = Math.max(1, (int) (until - from));
    double length = (until - from) / count;
    List<Point> rates = new ArrayList<>();
    for (int number = 0; number < count; number++) {
      double begin = from + number * length;
      double bytes = sentBy(begin + length) - sentBy(begin);
      rates.add(new Point(begin + length / 2, bytes / length / MEBIBYTE));
    }
    return rates;
  }

  /**
   * The median of the rates of a time.
   *
   * @param from seconds since the origin
   * @param until seconds since the origin
   * @return KiB/s
   */
  long median(double from, double until) {
    Distribution rates = new Distribution();
    rates(from, until).forEach(rate -> rates.add(Math.round(rate.value() * 1024)));
    return rates.quantile(0.5);
  }

  /** Between two notes it went on evenly; before the first and after the last, not at all. */
  private double sentBy(double seconds) {
    Map.Entry<Double, Long> before = sent.floorEntry(seconds);
    Map.Entry<Double, Long> after = sent.ceilingEntry(seconds);
    if (before == null || after == null) {
      return before == null ? sent.firstEntry().getValue() : before.getValue();
    }
    if (before.getKey().equals(after.getKey())) {
      return before.getValue();
    }
    double share = (seconds - before.getKey()) / (after.getKey() - before.getKey());
    return before.getValue() + share * (after.getValue() - before.getValue());
  }
}
