package org.holdfast.api;

import java.time.Duration;

/**
 * How a running domain's memory is copied, as virsh's options have it.
 *
 * @param bandwidthMebibytesPerSecond 0: libvirt's default
 * @param timeout after this the domain is suspended so that the migration completes; zero: never
 * @param maxBrownout as {@code timeout}, counted from the takeover of its connections; zero: never
 * @param autoConverge QEMU slows a domain that stores faster than its memory is sent
 * @param compressed QEMU sends of a page that it has sent before what is different
 */
public record MemoryCopy(
    int bandwidthMebibytesPerSecond,
    Duration timeout,
    Duration maxBrownout,
    boolean autoConverge,
    boolean compressed) {

  /** As libvirt does it, with nothing asked for. */
  public static final MemoryCopy USUAL =
      new MemoryCopy(0, Duration.ZERO, Duration.ZERO, false, false);
}
