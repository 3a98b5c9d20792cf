package org.holdfast.migration.state;

/** Where a VM's connections are in the life of a migration or a suspension, seen by the holder. */
public enum MigrationState {
  /** Nothing is touched yet: what can be known beforehand is checked. */
  PREFLIGHT,
  /** The takeover namespace and the target are made ready; the VM notices nothing. */
  PREPARING,
  /** libvirt copies memory; the VM serves its peers as ever. */
  CONVERGING,
  /** The VM's port is fenced; sockets are exported and recreated. */
  TAKING_OVER,
  /** The copies answer for the VM. */
  HOLDING,
  /** A claim is under way: the copies are silent, the guest's sockets are conformed. */
  GIVING_BACK,
  /** The VM stays here: its connections go back to it. */
  ROLLING_BACK,
  /** Nothing is held; plain migration runs to its end with the guest's own sockets. */
  PLAIN,
  /** The VM runs where it was to run, with its connections. */
  COMPLETED,
  /** The VM runs where it ran before, with its connections. */
  ROLLED_BACK,
  /** Nothing was begun, or it ended in a way an operator must know of. */
  FAILED;

  /** Whether the machine stays in this state for ever. */
  public boolean isFinal() {
    return switch (this) {
      case COMPLETED, ROLLED_BACK, FAILED -> true;
      case PREFLIGHT,
          PREPARING,
          CONVERGING,
          TAKING_OVER,
          HOLDING,
          GIVING_BACK,
          ROLLING_BACK,
          PLAIN ->
          false;
    };
  }
}
