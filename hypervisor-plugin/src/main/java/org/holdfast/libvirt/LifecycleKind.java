package org.holdfast.libvirt;

/** virDomainEventType of libvirt/libvirt-domain.h, in its order. */
public enum LifecycleKind {
  DEFINED,
  UNDEFINED,
  STARTED,
  SUSPENDED,
  RESUMED,
  STOPPED,
  SHUTDOWN,
  POWER_MANAGEMENT_SUSPENDED,
  CRASHED,
  /** A kind this version does not know; the event carries its number. */
  UNKNOWN;

  static LifecycleKind of(int number) {
    return number >= 0 && number < UNKNOWN.ordinal() ? values()[number] : UNKNOWN;
  }
}
