package org.holdfast.lab.report;

import java.util.List;
import org.holdfast.lab.workload.PhaseVerdict;

/**
 * One thing done to the VM while all clients were connected, and what they say of it.
 *
 * @param title what was done, such as "kvm1 to kvm2"
 * @param act which part of the demonstration it belongs to
 * @param tool what did it
 * @param verdict of the clients
 * @param operations what Holdfast reported of it: one for a migration, two for an absence, none for
 *     plain libvirt
 * @param problem what the tool itself complained of, empty if it did what it was asked
 */
public record Trial(
    String title,
    Act act,
    Tool tool,
    PhaseVerdict verdict,
    List<OperationReport> operations,
    String problem) {
  /** The two parts of the demonstration. */
  public enum Act {
    /** The VM moves to the other host. */
    MIGRATION,
    /** The VM does not run for a while. */
    ABSENCE
  }

  /** Who did it. */
  public enum Tool {
    /** {@code holdfast migrate}, {@code suspend}, {@code resume}. */
    HOLDFAST("Holdfast"),
    /** {@code virsh migrate}, {@code suspend}, {@code resume}. */
    PLAIN("plain libvirt");

    private final String words;

    Tool(String words) {
      this.words = words;
    }

    /** Its name for people. */
    public String words() {
      return words;
    }
  }

  /** Keeps the list. */
  public Trial {
    operations = List.copyOf(operations);
  }
}
