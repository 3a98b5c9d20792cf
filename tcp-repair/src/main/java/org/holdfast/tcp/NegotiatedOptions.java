package org.holdfast.tcp;

/**
 * What the two ends agreed on in their SYNs.
 *
 * @param sendWindowScale shift for windows the peer announces, 0-14
 * @param receiveWindowScale shift for windows this side announces, 0-14
 * @param mssClamp largest segment this side may send, bytes
 */
public record NegotiatedOptions(
    boolean timestamps,
    boolean sack,
    boolean windowScaling,
    int sendWindowScale,
    int receiveWindowScale,
    int mssClamp,
    boolean ecn) {}
