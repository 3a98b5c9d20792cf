package org.holdfast.migration.converge;

import java.time.Duration;

/**
 * One look at libvirt's migration job.
 *
 * @param elapsed since it began
 * @param memoryTotalBytes of the guest
 * @param memoryRemainingBytes still to be sent in this pass
 * @param iteration QEMU's pass over the memory, from 1; 0 if not told
 * @param bytesPerSecond at which memory is sent now; 0 if not told
 */
public record JobSample(
    Duration elapsed,
    long memoryTotalBytes,
    long memoryRemainingBytes,
    int iteration,
    long bytesPerSecond) {}
