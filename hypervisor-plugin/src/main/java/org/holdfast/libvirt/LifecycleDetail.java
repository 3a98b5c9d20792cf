package org.holdfast.libvirt;

import static org.holdfast.libvirt.LifecycleKind.CRASHED;
import static org.holdfast.libvirt.LifecycleKind.DEFINED;
import static org.holdfast.libvirt.LifecycleKind.POWER_MANAGEMENT_SUSPENDED;
import static org.holdfast.libvirt.LifecycleKind.RESUMED;
import static org.holdfast.libvirt.LifecycleKind.SHUTDOWN;
import static org.holdfast.libvirt.LifecycleKind.STARTED;
import static org.holdfast.libvirt.LifecycleKind.STOPPED;
import static org.holdfast.libvirt.LifecycleKind.SUSPENDED;
import static org.holdfast.libvirt.LifecycleKind.UNDEFINED;

/** Why something happened: virDomainEvent*DetailType of libvirt/libvirt-domain.h. */
public enum LifecycleDetail {
  DEFINED_ADDED(DEFINED, 0),
  DEFINED_UPDATED(DEFINED, 1),
  DEFINED_RENAMED(DEFINED, 2),
  DEFINED_FROM_SNAPSHOT(DEFINED, 3),
  UNDEFINED_REMOVED(UNDEFINED, 0),
  UNDEFINED_RENAMED(UNDEFINED, 1),
  STARTED_BOOTED(STARTED, 0),
  /** On the target: QEMU is there and waits for the memory. */
  STARTED_MIGRATED(STARTED, 1),
  STARTED_RESTORED(STARTED, 2),
  STARTED_FROM_SNAPSHOT(STARTED, 3),
  STARTED_WAKEUP(STARTED, 4),
  /** Somebody paused it; or on the target, it has arrived and was to be left paused. */
  SUSPENDED_PAUSED(SUSPENDED, 0),
  /** On the source: its processors stand for the last pages. */
  SUSPENDED_MIGRATED(SUSPENDED, 1),
  SUSPENDED_INPUT_OUTPUT_ERROR(SUSPENDED, 2),
  SUSPENDED_WATCHDOG(SUSPENDED, 3),
  SUSPENDED_RESTORED(SUSPENDED, 4),
  SUSPENDED_FROM_SNAPSHOT(SUSPENDED, 5),
  SUSPENDED_API_ERROR(SUSPENDED, 6),
  SUSPENDED_POST_COPY(SUSPENDED, 7),
  SUSPENDED_POST_COPY_FAILED(SUSPENDED, 8),
  RESUMED_UNPAUSED(RESUMED, 0),
  /** On the target: it runs. On the source: the migration failed after the processors stood. */
  RESUMED_MIGRATED(RESUMED, 1),
  RESUMED_FROM_SNAPSHOT(RESUMED, 2),
  RESUMED_POST_COPY(RESUMED, 3),
  RESUMED_POST_COPY_FAILED(RESUMED, 4),
  STOPPED_SHUTDOWN(STOPPED, 0),
  STOPPED_DESTROYED(STOPPED, 1),
  STOPPED_CRASHED(STOPPED, 2),
  /** On the source: the migration succeeded and its QEMU is gone. */
  STOPPED_MIGRATED(STOPPED, 3),
  STOPPED_SAVED(STOPPED, 4),
  /** On the target too: what was to arrive did not. */
  STOPPED_FAILED(STOPPED, 5),
  STOPPED_FROM_SNAPSHOT(STOPPED, 6),
  SHUTDOWN_FINISHED(SHUTDOWN, 0),
  SHUTDOWN_BY_GUEST(SHUTDOWN, 1),
  SHUTDOWN_BY_HOST(SHUTDOWN, 2),
  POWER_MANAGEMENT_SUSPENDED_MEMORY(POWER_MANAGEMENT_SUSPENDED, 0),
  POWER_MANAGEMENT_SUSPENDED_DISK(POWER_MANAGEMENT_SUSPENDED, 1),
  CRASHED_PANICKED(CRASHED, 0),
  CRASHED_CRASHLOADED(CRASHED, 1),
  /** A detail this version does not know; the event carries its number. */
  UNKNOWN(LifecycleKind.UNKNOWN, -1);

  private final LifecycleKind kind;
  private final int number;

  LifecycleDetail(LifecycleKind kind, int number) {
    this.kind = kind;
    this.number = number;
  }

  static LifecycleDetail of(LifecycleKind kind, int number) {
    for (LifecycleDetail detail : values()) {
      if (detail.kind == kind && detail.number == number) {
        return detail;
      }
    }
    return UNKNOWN;
  }

  /** Which kind of event this is a detail of. */
  public LifecycleKind kind() {
    return kind;
  }
}
