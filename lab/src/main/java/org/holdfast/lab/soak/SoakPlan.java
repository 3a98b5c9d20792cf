package org.holdfast.lab.soak;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.holdfast.lab.LabException;
import org.holdfast.lab.fault.Fault;
import org.holdfast.lab.fault.StruckMigration.Strike;

/**
 * Which faults strike which migrations, and when. The same numbers and the same seed give the same
 * plan, wherever and whenever it is drawn.
 *
 * @param seed of the random generator
 * @param migrations how many, at least 1
 * @param strikes the faults, by the number of the migration they strike, from 1 on
 */
record SoakPlan(long seed, int migrations, Map<Integer, Strike> strikes) {
  /** Keeps the strikes. */
  SoakPlan {
    strikes = Map.copyOf(strikes);
  }

  /**
   * Draws it: the faults lie spread over the migrations, one in a migration at most, and each of
   * the table that leaves the VM alive has its turn before any comes a second time.
   *
   * @param faults how many, no more than migrations
   * @throws LabException if these numbers cannot be
   */
  static SoakPlan draw(int migrations, int faults, long seed) {
    if (migrations < 1 || faults < 0 || faults > migrations) {
      throw new LabException(
          "a soak has 1 migration or more, and 0 faults up to one for each migration, not %d and %d"
              .formatted(migrations, faults));
    }
    Random random = new Random(seed); // its algorithm is specified: it never changes
    List<Fault> deck = new ArrayList<>();
    Map<Integer, Strike> strikes = new TreeMap<>();
    for (int index = 0; index < faults; index++) {
      int from = share(index, migrations, faults);
      int until = share(index + 1, migrations, faults);
      if (deck.isEmpty()) {
        deck.addAll(kinds());
        Collections.shuffle(deck, random);
      }
      Fault fault = deck.remove(deck.size() - 1);
      strikes.put(1 + from + random.nextInt(until - from), strike(fault, random));
    }
    return new SoakPlan(seed, migrations, strikes);
  }

  /** All of the table but those that end the VM: its connections live through all of the run. */
  static List<Fault> kinds() {
    return Arrays.stream(Fault.values())
        .filter(fault -> fault.ends() != Fault.Ends.NOWHERE)
        .toList();
  }

  /** Where the stretch of a fault begins: each has one of its own, all of about the same length. */
  private static int share(int index, int migrations, int faults) {
    return Math.toIntExact((long) index * migrations / faults);
  }

  private static Strike strike(Fault fault, Random random) {
    int latest = Math.toIntExact(fault.latest().toMillis());
    return new Strike(fault, Duration.ofMillis(random.nextInt(latest + 1)));
  }

  /** The fault that strikes the migration of that number, if one does. */
  Optional<Strike> strike(int migration) {
    return Optional.ofNullable(strikes.get(migration));
  }
}
