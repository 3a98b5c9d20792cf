package org.holdfast.migration.run;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import org.holdfast.proto.v1.ArriveResponse.Verdict;

/**
 * Which host may run a domain that leaves this one: exactly one, and this one decides. libvirt's
 * own answer is not enough: where a libvirtd dies, or the network is cut between its last two
 * messages, source and target hear of different ends. Safe for use by several threads.
 */
final class Departure {
  /** By then a target that is heard at all has said what became of the domain. */
  private static final Duration LAST_WORD = Duration.ofSeconds(90);

  private enum Place {
    NOT_SAID_YET,
    OPEN,
    HERE,
    THERE
  }

  private final String targetHost;
  private final Consumer<Optional<Instant>> note;
  private Place place = Place.NOT_SAID_YET;

  /** System.nanoTime() when the target was let run it. */
  private long thereSince;

  /**
   * A migration of which nothing can be said yet: it is not begun, or an earlier daemon began it
   * and where its domain is has still to be looked at.
   *
   * @param targetHost as its daemon's certificate names it
   * @param note writes down, before anybody hears of it, when the target was let run the domain;
   *     empty if it never did after all
   */
  Departure(String targetHost, Consumer<Optional<Instant>> note) {
    this.targetHost = targetHost;
    this.note = note;
  }

  /** As an earlier daemon wrote it down. */
  synchronized void recall(Instant letRun) {
    place = Place.THERE;
    Duration since = Duration.between(letRun, Instant.now());
    thereSince = System.nanoTime() - Math.max(0, since.toNanos());
  }

  String targetHost() {
    return targetHost;
  }

  /**
   * The domain stands on the target and would run there.
   *
   * @param runsHere whether libvirt has let it run on here, since it takes the migration for failed
   */
  synchronized Verdict arrived(boolean runsHere) {
    if (place == Place.OPEN && !runsHere) {
      letGo();
    }
    return switch (place) {
      case THERE -> Verdict.VERDICT_RUN;
      case HERE -> Verdict.VERDICT_STAYED;
      case OPEN, NOT_SAID_YET -> Verdict.VERDICT_ASK_AGAIN;
    };
  }

  private void letGo() {
    note.accept(Optional.of(Instant.now()));
    place = Place.THERE;
    thereSince = System.nanoTime();
  }

  /**
   * The migration is to be rolled back.
   *
   * @return whether it may be: false if the target was let run the domain
   */
  synchronized boolean stays() {
    if (place != Place.THERE) {
      place = Place.HERE;
    }
    return place == Place.HERE;
  }

  /** It is not here any more: nobody will roll it back. */
  synchronized void leaves() {
    if (place == Place.NOT_SAID_YET || place == Place.OPEN) {
      letGo();
    }
  }

  /** The domain may leave now, and whoever asks first decides: its target, or who rolls it back. */
  synchronized void open() {
    if (place == Place.NOT_SAID_YET) {
      place = Place.OPEN;
    }
  }

  /** The target was let run it, and says that it never did and never will. */
  synchronized void cameBack() {
    note.accept(Optional.empty());
    place = Place.HERE;
  }

  /** Whether the target was let run it. */
  synchronized boolean isThere() {
    return place == Place.THERE;
  }

  /** What is left of a bound that began when the target was let run the domain. */
  synchronized Duration remaining(Duration bound) {
    if (place != Place.THERE) {
      return bound;
    }
    long left = bound.toNanos() - (System.nanoTime() - thereSince);
    return Duration.ofNanos(Math.max(0, left));
  }

  /** How long its target is worth waiting for, with such a bound for its claim. */
  Duration untilLastWord(Duration claimBound) {
    return remaining(claimBound).plus(LAST_WORD);
  }
}
