package org.holdfast.libvirt;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * How a domain is to be migrated.
 *
 * @param destinationUri of the target's libvirtd, as the source's libvirtd sees it
 * @param flags always with PEER_TO_PEER
 * @param bandwidthMebibytesPerSecond 0 for libvirt's default
 * @param migrateUri where the target's QEMU is reached, e.g. "tcp://10.0.0.2"
 * @param destinationName a new name
 * @param destinationXml the domain's XML as the target shall run it
 * @param persistentXml the domain's XML as the target shall keep it
 */
public record MigrationParameters(
    String destinationUri,
    Set<MigrationFlag> flags,
    long bandwidthMebibytesPerSecond,
    Optional<String> migrateUri,
    Optional<String> destinationName,
    Optional<String> destinationXml,
    Optional<String> persistentXml) {

  /**
   * @throws IllegalArgumentException for a negative bandwidth
   */
  public MigrationParameters {
    if (bandwidthMebibytesPerSecond < 0) {
      throw new IllegalArgumentException("bandwidth below 0: " + bandwidthMebibytesPerSecond);
    }
    EnumSet<MigrationFlag> complete = EnumSet.of(MigrationFlag.PEER_TO_PEER);
    complete.addAll(flags);
    flags = Collections.unmodifiableSet(complete);
  }

  /** A live migration with libvirt's defaults. */
  public static MigrationParameters live(String destinationUri) {
    return new MigrationParameters(
        destinationUri,
        EnumSet.of(MigrationFlag.LIVE),
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** The same with these flags, and PEER_TO_PEER. */
  public MigrationParameters withFlags(Set<MigrationFlag> otherFlags) {
    return new MigrationParameters(
        destinationUri,
        otherFlags,
        bandwidthMebibytesPerSecond,
        migrateUri,
        destinationName,
        destinationXml,
        persistentXml);
  }

  /** The same with this bandwidth, MiB/s; 0 for libvirt's default. */
  public MigrationParameters withBandwidth(long mebibytesPerSecond) {
    return new MigrationParameters(
        destinationUri,
        flags,
        mebibytesPerSecond,
        migrateUri,
        destinationName,
        destinationXml,
        persistentXml);
  }

  /** The same with this address of the target's QEMU. */
  public MigrationParameters withMigrateUri(String uri) {
    return new MigrationParameters(
        destinationUri,
        flags,
        bandwidthMebibytesPerSecond,
        Optional.of(uri),
        destinationName,
        destinationXml,
        persistentXml);
  }
}
