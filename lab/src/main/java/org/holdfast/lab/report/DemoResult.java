package org.holdfast.lab.report;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.holdfast.lab.Product;
import org.holdfast.lab.workload.ConnectionVerdict;
import org.holdfast.lab.workload.LoadVerdict;

/**
 * All that a demonstration found.
 *
 * @param finished when it ended
 * @param away how long the VM was away in the second act
 * @param expected how many connections the load opens
 * @param trials everything done, in order
 * @param holdfastRun the run in which Holdfast worked
 * @param plainRun the run, with connections of its own, in which plain libvirt worked
 * @param environment what it ran on, in words
 */
public record DemoResult(
    Instant finished,
    Duration away,
    int expected,
    List<Trial> trials,
    LoadVerdict holdfastRun,
    LoadVerdict plainRun,
    Map<String, String> environment) {
  /** There and back. */
  public static final int MIGRATIONS = 2;

  /** Keeps the list. */
  public DemoResult {
    trials = List.copyOf(trials);
  }

  /** The trials of that act by that tool. */
  public List<Trial> trials(Trial.Act act, Trial.Tool tool) {
    return trials.stream().filter(trial -> trial.act() == act && trial.tool() == tool).toList();
  }

  /** How many connections stood when that tool began that act. */
  public int of(Trial.Act act, Trial.Tool tool) {
    return trials(act, tool).stream().mapToInt(trial -> trial.verdict().of()).max().orElse(0);
  }

  /** How many of them were good after every trial of that tool in that act. */
  public int kept(Trial.Act act, Trial.Tool tool) {
    List<Trial> trials = trials(act, tool);
    if (trials.isEmpty()) {
      return 0;
    }
    Set<String> kept = new HashSet<>();
    for (ConnectionVerdict connection : trials.get(0).verdict().connections()) {
      kept.add(connection.name());
    }
    for (Trial trial : trials) {
      for (ConnectionVerdict connection : trial.verdict().connections()) {
        if (!connection.fate().good()) {
          kept.remove(connection.name());
        }
      }
    }
    return kept.size();
  }

  /** The longest silence of the echo probe over that tool's trials of that act. */
  public Duration stall(Trial.Act act, Trial.Tool tool) {
    return trials(act, tool).stream()
        .map(trial -> trial.verdict().stall())
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  /** Findings of wrong bytes in the run in which Holdfast worked. */
  public int corrupted() {
    return holdfastRun.corrupted();
  }

  /** How many times Holdfast moved the VM. */
  public int migrations() {
    return (int)
        trials(Trial.Act.MIGRATION, Trial.Tool.HOLDFAST).stream()
            .filter(trial -> trial.problem().isEmpty())
            .count();
  }

  /** Whether Holdfast kept every connection in both acts, all were there, and no byte was wrong. */
  public boolean held() {
    return corrupted() == 0
        && holdfastRun.failures().isEmpty()
        && migrations() == MIGRATIONS
        && trials.stream().allMatch(trial -> trial.tool() == Trial.Tool.PLAIN || succeeded(trial))
        && allKept(Trial.Act.MIGRATION)
        && allKept(Trial.Act.ABSENCE);
  }

  private static boolean succeeded(Trial trial) {
    return trial.problem().isEmpty();
  }

  private boolean allKept(Trial.Act act) {
    return of(act, Trial.Tool.HOLDFAST) == expected
        && kept(act, Trial.Tool.HOLDFAST) == expected
        && trials(act, Trial.Tool.HOLDFAST).stream().allMatch(this::keptByHoldfast);
  }

  /** A connection that merely survived was not kept by Holdfast: its ledger decides. */
  private boolean keptByHoldfast(Trial trial) {
    return !trial.operations().isEmpty()
        && Product.kept(trial.operations().get(trial.operations().size() - 1).report()) >= expected;
  }
}
