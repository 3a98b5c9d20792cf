package org.holdfast.tcp;

/**
 * The kernel's {@code struct tcp_repair_window} (include/uapi/linux/tcp.h): five 32-bit numbers.
 */
public record TcpWindow(
    int sendWl1, int sendWindow, int maxWindow, int receiveWindow, int receiveWindowUpdate) {}
