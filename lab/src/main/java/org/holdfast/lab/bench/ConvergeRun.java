package org.holdfast.lab.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.holdfast.lab.report.LineChart;
import org.holdfast.lab.report.LineChart.Point;

/**
 * One migration of a guest that stores what its peers stream into it.
 *
 * @param way how it migrated
 * @param completed or else it was given up
 * @param took until either
 * @param bytesSent by the migration, as libvirt said last
 * @param alive how many connections found in the end that all had come as they sent it
 * @param peers what they sent, counted from the migration's begin
 */
record ConvergeRun(
    Way way, boolean completed, Duration took, long bytesSent, long alive, Throughput peers) {
  /** How long peers are watched before the migration. */
  static final Duration BEFORE = Duration.ofSeconds(5);

  /** How long peers are watched after it. */
  static final Duration AFTER = Duration.ofSeconds(3);

  /** A way to migrate. */
  enum Way {
    HOLDFAST("holdfast", "migrate", "--live"),
    PLAIN("virsh", "migrate", "--live"),
    AUTO_CONVERGE("virsh", "migrate", "--live", "--auto-converge"),
    POSTCOPY("virsh", "migrate", "--live", "--postcopy", "--postcopy-after-precopy");

    private final List<String> words;

    Way(String... words) {
      this.words = List.of(words);
    }

    /** The command, which lacks its options' values, the VM and where to. */
    List<String> words() {
      return words;
    }

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  boolean ours() {
    return way == Way.HOLDFAST;
  }

  String label() {
    return way.key() + (completed ? "" : " (given up)");
  }

  long mebibytesSent() {
    return bytesSent >> 20;
  }

  /** Seconds until it had completed or was given up. */
  double seconds() {
    return seconds(took);
  }

  private static double seconds(Duration time) {
    return time.toMillis() / 1000.0;
  }

  /** The peers' median throughput before the migration, KiB/s. */
  long before() {
    return peers.median(-seconds(BEFORE), 0);
  }

  /** The peers' median throughput during the migration, KiB/s. */
  long during() {
    return peers.median(0, seconds());
  }

  /** The peers' throughput from {@link #BEFORE} until {@link #AFTER}, MiB/s. */
  LineChart.Line line() {
    List<Point> points = new ArrayList<>(peers.rates(-seconds(BEFORE), 0));
    points.addAll(peers.rates(0, seconds()));
    points.addAll(peers.rates(seconds(), seconds() + seconds(AFTER)));
    return new LineChart.Line(
        String.format(Locale.ROOT, "%s, %.1f s", label(), seconds()), ours(), points);
  }

  /** All of it, for people. */
  String words() {
    return String.format(
        Locale.ROOT,
        "%s: %s after %.1f s, %d MiB sent, %d of %d connections alive and right; peers sent"
            + " %.1f MiB/s before and %.1f MiB/s meanwhile (medians)",
        way.key(),
        completed ? "complete" : "given up",
        seconds(),
        mebibytesSent(),
        alive,
        StorePeers.CONNECTIONS,
        before() / 1024.0,
        during() / 1024.0);
  }
}
