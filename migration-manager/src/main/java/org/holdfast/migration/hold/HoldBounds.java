package org.holdfast.migration.hold;

/**
 * How much a host holds at most, for all of its domains together: one of them cannot take what the
 * others will need.
 *
 * @param connections each is a descriptor
 * @param sendBytes that guests had sent and peers had not acknowledged when they were taken over
 */
public record HoldBounds(int connections, long sendBytes) {}
