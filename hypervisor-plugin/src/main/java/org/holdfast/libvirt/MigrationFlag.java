package org.holdfast.libvirt;

/** virDomainMigrateFlags of libvirt/libvirt-domain.h. */
public enum MigrationFlag {
  LIVE(1),
  /** The source's libvirtd talks to the target's; the only way this project migrates. */
  PEER_TO_PEER(1 << 1),
  TUNNELLED(1 << 2),
  PERSIST_DESTINATION(1 << 3),
  UNDEFINE_SOURCE(1 << 4),
  /** The domain is left paused on the target. */
  PAUSED(1 << 5),
  NON_SHARED_DISK(1 << 6),
  NON_SHARED_INCREMENTAL(1 << 7),
  CHANGE_PROTECTION(1 << 8),
  UNSAFE(1 << 9),
  OFFLINE(1 << 10),
  COMPRESSED(1 << 11),
  ABORT_ON_ERROR(1 << 12),
  AUTO_CONVERGE(1 << 13),
  POST_COPY(1 << 15),
  TLS(1 << 16),
  PARALLEL(1 << 17);

  private final int bit;

  MigrationFlag(int bit) {
    this.bit = bit;
  }

  int bit() {
    return bit;
  }
}
