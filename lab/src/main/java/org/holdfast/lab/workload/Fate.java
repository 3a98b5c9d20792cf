package org.holdfast.lab.workload;

/** What became of a connection in a phase. */
public enum Fate {
  /** It goes on. */
  KEPT,
  /** Its work was done, and all of it was right. */
  COMPLETED,
  /** The client got an error or an end it had not asked for. */
  LOST,
  /** No error, but nothing comes any more. */
  SILENT;

  /** Whether the client has nothing to complain of. */
  public boolean good() {
    return this == KEPT || this == COMPLETED;
  }
}
