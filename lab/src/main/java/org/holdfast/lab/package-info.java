/**
 * The lab: two KVM hosts and a peer as containers, with real libvirtd, QEMU and guests.
 *
 * <p>One lab serves the end-to-end tests, the demo, the benchmarks and anyone's own workloads.
 * {@link org.holdfast.lab.Lab} starts or finds one; what a lab is made of is written to its state
 * directory, so that other processes find it. Nothing in here may touch what belongs to another
 * lab.
 */
@NullMarked
package org.holdfast.lab;

import org.jspecify.annotations.NullMarked;
