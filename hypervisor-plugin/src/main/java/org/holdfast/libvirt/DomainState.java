package org.holdfast.libvirt;

/**
 * Whether a domain runs, and why it does not.
 *
 * @param reason number from the enum of libvirt/libvirt-domain.h that belongs to the kind
 */
public record DomainState(Kind kind, int reason) {
  /** virDomainState. */
  public enum Kind {
    NO_STATE,
    RUNNING,
    BLOCKED,
    PAUSED,
    SHUTTING_DOWN,
    SHUT_OFF,
    CRASHED,
    POWER_MANAGEMENT_SUSPENDED,
    /** A state this version does not know. */
    UNKNOWN
  }

  /** virDomainPausedReason. */
  public enum PauseReason {
    UNKNOWN,
    USER,
    MIGRATION,
    SAVE,
    DUMP,
    INPUT_OUTPUT_ERROR,
    WATCHDOG,
    FROM_SNAPSHOT,
    SHUTTING_DOWN,
    SNAPSHOT,
    CRASHED,
    STARTING_UP,
    POST_COPY,
    POST_COPY_FAILED
  }

  static DomainState of(int state, int reason) {
    Kind[] kinds = Kind.values();
    boolean known = state >= 0 && state < Kind.UNKNOWN.ordinal();
    return new DomainState(known ? kinds[state] : Kind.UNKNOWN, reason);
  }

  /** Whether its processors run. */
  public boolean isRunning() {
    return kind == Kind.RUNNING || kind == Kind.BLOCKED;
  }

  /** Whether it has a QEMU, running or not. */
  public boolean isActive() {
    return switch (kind) {
      case RUNNING, BLOCKED, PAUSED, SHUTTING_DOWN, POWER_MANAGEMENT_SUSPENDED -> true;
      case NO_STATE, SHUT_OFF, CRASHED, UNKNOWN -> false;
    };
  }

  /** Why it is paused; UNKNOWN if it is not, or for a reason this version does not know. */
  public PauseReason pauseReason() {
    PauseReason[] reasons = PauseReason.values();
    return kind == Kind.PAUSED && reason > 0 && reason < reasons.length
        ? reasons[reason]
        : PauseReason.UNKNOWN;
  }
}
