package org.holdfast.lab.workload;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All that one connection reported, in order. */
public final class ConnectionHistory {
  private final LoadEvent.Opened opened;
  private final List<LoadEvent.Progress> progress = new ArrayList<>();
  private final List<LoadEvent.Silence> silences = new ArrayList<>();
  private final List<LoadEvent.Corruption> corruptions = new ArrayList<>();
  private LoadEvent.@Nullable Lost lost;
  private LoadEvent.@Nullable Ended ended;

  ConnectionHistory(LoadEvent.Opened opened) {
    this.opened = opened;
  }

  void add(LoadEvent.OfConnection event) {
    if (event instanceof LoadEvent.Progress told) {
      progress.add(told);
    } else if (event instanceof LoadEvent.Silence silence) {
      silences.add(silence);
    } else if (event instanceof LoadEvent.Corruption corruption) {
      corruptions.add(corruption);
    } else if (event instanceof LoadEvent.Lost loss) {
      lost = loss;
    } else if (event instanceof LoadEvent.Ended end) {
      ended = end;
    }
  }

  /**
   * Forgets when what came, but for the last of it; ends and findings stay. Of times before that no
   * silence and no number of bytes is known any more.
   */
  void forgetProgress() {
    keepLast(progress);
    keepLast(silences);
  }

  private static void keepLast(List<?> events) {
    if (events.size() > 1) {
      events.subList(0, events.size() - 1).clear();
    }
  }

  /** How it began. */
  public LoadEvent.Opened opened() {
    return opened;
  }

  /** When nothing came; only what the client thought long enough to tell. */
  public List<LoadEvent.Silence> silences() {
    return Collections.unmodifiableList(silences);
  }

  /** What came wrong. */
  public List<LoadEvent.Corruption> corruptions() {
    return Collections.unmodifiableList(corruptions);
  }

  /** How it was lost, if it was. */
  public Optional<LoadEvent.Lost> lost() {
    return Optional.ofNullable(lost);
  }

  /** How it ended in good order, if it did. */
  public Optional<LoadEvent.Ended> ended() {
    return Optional.ofNullable(ended);
  }

  /** Whether it has neither been lost nor ended by then. */
  public boolean openAt(Instant time) {
    return !over().isBefore(time) && !opened.time().isAfter(time);
  }

  /** The last time at which it is known to have received something; when it opened, if never. */
  public Instant lastReceipt() {
    Instant last = opened.time();
    if (!progress.isEmpty()) {
      last = later(last, progress.get(progress.size() - 1).time());
    }
    if (!silences.isEmpty()) {
      last = later(last, silences.get(silences.size() - 1).until());
    }
    return last;
  }

  /** Bytes verified by then, to half a second. */
  long bytesAt(Instant time) {
    long bytes = 0;
    for (LoadEvent.Progress told : progress) {
      if (told.time().isAfter(time)) {
        break;
      }
      bytes = told.bytes();
    }
    return bytes;
  }

  /** The longest time without a receipt between the two instants. */
  Duration longestSilence(Instant from, Instant until) {
    Duration longest = Duration.ZERO;
    for (LoadEvent.Silence silence : silences) {
      longest = longer(longest, overlap(silence.time(), silence.until(), from, until));
    }
    for (LoadEvent.Progress told : progress) {
      Instant gapMayBegin = told.time().minus(told.longestGap());
      if (!gapMayBegin.isBefore(from) && !told.time().isAfter(until)) {
        longest = longer(longest, told.longestGap());
      }
    }
    Instant over = over().isBefore(until) ? over() : until;
    longest = longer(longest, overlap(lastReceipt(), over, from, until));
    return longest;
  }

  private Instant over() {
    if (lost != null) {
      return lost.time();
    }
    return ended != null ? ended.time() : Instant.MAX;
  }

  private static Duration overlap(Instant begin, Instant end, Instant from, Instant until) {
    Instant first = later(begin, from);
    Instant last = end.isBefore(until) ? end : until;
    return last.isAfter(first) ? Duration.between(first, last) : Duration.ZERO;
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) >= 0 ? one : other;
  }
}
