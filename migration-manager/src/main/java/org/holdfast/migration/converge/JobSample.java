package org.holdfast.migration.converge;

/**
 * One look at libvirt's migration job.
 *
 * @param memoryTotalBytes of the guest
 * @param memoryRemainingBytes still to be sent in this pass
 * @param iteration QEMU's pass over the memory, from 1; 0 if not told
 */
public record JobSample(long memoryTotalBytes, long memoryRemainingBytes, int iteration) {}
