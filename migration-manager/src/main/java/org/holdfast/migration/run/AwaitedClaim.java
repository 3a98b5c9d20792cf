package org.holdfast.migration.run;

import java.time.Duration;
import java.util.function.Consumer;
import org.holdfast.migration.hold.Holding;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of what is held here for a domain that runs on its target: it has claimed it, or gives
 * up, or is not heard any more.
 */
final class AwaitedClaim {
  private static final Logger log = LoggerFactory.getLogger(AwaitedClaim.class);
  private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

  private AwaitedClaim() {}

  /**
   * Waits. Afterwards nothing is held any more.
   *
   * @param waitingFor hears in words why that takes long
   * @return how it ended there, with a problem if the connections could not be given back
   */
  static TargetFollower.Outcome end(
      Host host,
      Holding holding,
      Departure departure,
      TargetFollower target,
      Consumer<String> waitingFor)
      throws InterruptedException {
    TargetFollower.Outcome outcome =
        target.await(departure.untilLastWord(host.claimBound()), waitingFor);
    while (!outcome.heard() && holding.isClaimed()) {
      outcome = target.await(LOOK_INTERVAL, waitingFor);
    }
    if (outcome.problem().isEmpty()) {
      holding.servedElsewhere();
    } else {
      log.warn(
          "{}: nobody will claim what is held for it: {}",
          holding.domain().name(),
          outcome.problem().get());
      holding.givenUp(outcome.problem().get());
    }
    host.holdings().remove(holding);
    return outcome;
  }
}
