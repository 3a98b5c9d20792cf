package org.holdfast.lab;

/**
 * One network interface of a VM.
 *
 * @param bridge of the KVM hosts it is plugged into
 * @param mac its address, lower-case with colons
 * @param ipv4 its address
 * @param ipv4PrefixLength bits of the network part
 * @param ipv4Gateway docker's bridge on this machine
 * @param ipv6 its unique local address; the prefix is 64 bits long
 */
public record VmInterface(
    String bridge,
    String mac,
    String ipv4,
    int ipv4PrefixLength,
    String ipv4Gateway,
    String ipv6) {}
