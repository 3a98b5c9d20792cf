package org.holdfast.migration.run;

import org.holdfast.proto.v1.ArriveResponse.Verdict;

/**
 * Which host may run a domain that leaves this one: exactly one, and this one decides. libvirt's
 * own answer is not enough: where a libvirtd dies, or the network is cut between its last two
 * messages, source and target hear of different ends. Safe for use by several threads.
 */
final class Departure {
  private enum Place {
    NOT_KNOWN_YET,
    OPEN,
    HERE,
    THERE
  }

  private final String targetHost;
  private Place place;

  private Departure(String targetHost, Place place) {
    this.targetHost = targetHost;
    this.place = place;
  }

  /**
   * A migration that begins: whoever asks first decides.
   *
   * @param targetHost as its daemon's certificate names it
   */
  static Departure open(String targetHost) {
    return new Departure(targetHost, Place.OPEN);
  }

  /** One that an earlier daemon began: where its domain is has still to be looked at. */
  static Departure notKnownYet(String targetHost) {
    return new Departure(targetHost, Place.NOT_KNOWN_YET);
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
      place = Place.THERE;
    }
    return switch (place) {
      case THERE -> Verdict.VERDICT_RUN;
      case HERE -> Verdict.VERDICT_STAYED;
      case OPEN, NOT_KNOWN_YET -> Verdict.VERDICT_ASK_AGAIN;
    };
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
    if (place != Place.HERE) {
      place = Place.THERE;
    }
  }

  /** A daemon that has started does not know, and will not roll it back: the target may ask. */
  synchronized void isOpen() {
    if (place == Place.NOT_KNOWN_YET) {
      place = Place.OPEN;
    }
  }

  /** The target was let run it, and says that it never did and never will. */
  synchronized void cameBack() {
    place = Place.HERE;
  }
}
