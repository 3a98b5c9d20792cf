package org.holdfast.takeover;

import org.holdfast.wire.MacAddress;

/**
 * A frame that arrived for the VM while nobody could answer it.
 *
 * @param interfaceMac of the VM's interface it is meant for
 * @param frame Ethernet, without frame check sequence
 */
@SuppressWarnings("ArrayRecordComponent") // frames are passed on, never compared
public record ParkedFrame(MacAddress interfaceMac, byte[] frame) {}
