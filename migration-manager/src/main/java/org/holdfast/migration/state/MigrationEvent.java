package org.holdfast.migration.state;

/** What moves the machine from one state to the next. */
public enum MigrationEvent {
  /** Preflight found nothing against it. */
  PREFLIGHT_PASSED,
  /** Preflight or preparation found a reason not to begin. */
  REFUSED,
  /** Namespace and target stand ready, libvirt's job runs. */
  JOB_STARTED,
  /** The moment to take over has come. */
  TAKE_OVER_TRIGGERED,
  /** The copies stand and answer. */
  TAKEN_OVER,
  /** QEMU switched over first, or the agent could not export: the guest keeps its sockets. */
  TAKE_OVER_MISSED,
  /** The operator, or a failure, ends it while the VM has not left. */
  CANCELLED,
  /** libvirt's job ended without moving the VM. */
  JOB_FAILED,
  /** The daemon beside the running VM takes the connections. */
  CLAIMED,
  /** The claim ended before the VM's port was open; the copies answer again. */
  CLAIM_BROKEN,
  /** The guest's sockets are released and serve their peers. */
  RELEASED,
  /** libvirt's job ended with the VM on the target, nothing was held. */
  JOB_COMPLETED,
  /** The guest's sockets serve their peers where the VM was before. */
  RESTORED,
  /** Neither forward nor back was possible. */
  BROKEN
}
