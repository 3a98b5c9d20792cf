package org.holdfast.migration.run;

import java.time.Duration;
import org.holdfast.migration.hold.Holding;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops what is held for a domain that its target was let run, when the bound that the operator set
 * is over: whatever the operation waits for in that moment. The target counts the same bound from
 * the same moment, and opens the domain's port only when this host has said that nothing is held,
 * or must have noticed long ago: so two never speak.
 */
final class ClaimBound {
  private static final Logger log = LoggerFactory.getLogger(ClaimBound.class);
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(200);

  private ClaimBound() {}

  /** Begins; returns at once. A claim that is under way when the bound is over comes to its end. */
  static void watch(Host host, Holding holding, Departure departure) {
    Background.start("bound-" + holding.domain().name(), () -> await(host, holding, departure));
  }

  private static void await(Host host, Holding holding, Departure departure)
      throws InterruptedException {
    while (isHeld(host, holding)) {
      if (departure.isThere() && departure.remaining(host.claimBound()).isZero()) {
        String why = "nobody claimed it within %d s".formatted(host.claimBound().toSeconds());
        if (holding.giveUpUnlessClaimed(why)) {
          log.warn("{}: what is held for it is dropped: {}", holding.domain().name(), why);
          host.holdings().remove(holding);
        }
      }
      Thread.sleep(LOOK_INTERVAL.toMillis());
    }
  }

  private static boolean isHeld(Host host, Holding holding) {
    return !holding.machine().state().isFinal()
        && host.holdings().ofMigration(holding.migrationId()).isPresent();
  }

  /** Its target has said that it cannot give the connections back. */
  static void targetGaveUp(Holding holding) {
    log.warn("{}: its target gives up what is held for it", holding.domain().name());
    holding.givenUp("its target could not give it back");
  }
}
