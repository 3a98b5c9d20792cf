package org.holdfast.takeover.matrix;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A few scripts that stand for many. */
public final class MatrixSample {
  private MatrixSample() {}

  /**
   * Chooses, one after the other, the script with the most pairs of properties that none chosen
   * before has: a state and an act, a moment and a family, and so on. The same scripts always give
   * the same choice.
   *
   * @param scripts each with acts
   * @param count how many, no more than there are
   */
  public static List<MatrixScript> of(List<MatrixScript> scripts, int count) {
    List<MatrixScript> left = new ArrayList<>(scripts);
    List<MatrixScript> chosen = new ArrayList<>();
    Set<Set<Object>> seen = new HashSet<>();
    while (chosen.size() < count) {
      MatrixScript best = left.get(0);
      long most = -1;
      for (MatrixScript candidate : left) {
        long fresh = pairs(candidate).stream().filter(pair -> !seen.contains(pair)).count();
        if (fresh > most) {
          most = fresh;
          best = candidate;
        }
      }
      left.remove(best);
      chosen.add(best);
      seen.addAll(pairs(best));
    }
    return chosen;
  }

  private static Set<Set<Object>> pairs(MatrixScript script) {
    List<Object> properties =
        new ArrayList<>(List.of(script.family(), script.state(), script.queued()));
    for (MatrixScript.Act act : script.acts()) {
      properties.addAll(List.of(act.who(), act.action(), act.moment()));
      // Who does what when matters as one: a peer's reset is another thing than an application's.
      properties.add(act.who() + " " + act.action());
      properties.add(act);
    }
    Set<Set<Object>> pairs = new HashSet<>();
    for (Object one : properties) {
      for (Object other : properties) {
        if (!one.equals(other)) {
          pairs.add(Set.of(one, other));
        }
      }
    }
    return pairs;
  }
}
