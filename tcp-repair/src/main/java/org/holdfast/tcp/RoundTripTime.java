package org.holdfast.tcp;

/** Smoothed round-trip time and its variation, microseconds; both 0 where there is no sample. */
public record RoundTripTime(int smoothedMicros, int variationMicros) {}
