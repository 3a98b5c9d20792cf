package org.holdfast.lab.soak;

import java.util.ArrayList;
import java.util.List;

/** Counts while a soak goes on. */
final class Tally {
  private final List<String> problems = new ArrayList<>();
  private int migrations;
  private int rollbacks;
  private int faults;
  private int connections;
  private int lost;
  private int corrupted;
  private long leaks;

  /** One migration is over. */
  void migrated(boolean moved, boolean struck) {
    migrations++;
    rollbacks += moved ? 0 : 1;
    faults += struck ? 1 : 0;
  }

  /** A load has opened so many connections. */
  void opened(int count) {
    connections += count;
  }

  void add(Losses.News news) {
    lost += news.lost();
    corrupted += news.corrupted();
  }

  void leaked(long count) {
    leaks += count;
  }

  void problem(String words) {
    problems.add(words);
  }

  SoakVerdict verdict() {
    return new SoakVerdict(
        migrations, rollbacks, faults, connections, lost, corrupted, leaks, problems);
  }
}
