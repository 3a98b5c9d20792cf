package org.holdfast.linux;

/** What the kernel's refusals mean for a repair, and what to do. */
final class Refusals {
  private Refusals() {}

  static String explain(int errno) {
    return switch (errno) {
      case Errno.EPERM ->
          "not allowed: CAP_NET_ADMIN is needed in the socket's network namespace, and a state"
              + " that can be repaired";
      case Errno.EADDRINUSE ->
          "another socket of this network namespace has that address and port; close it first";
      case Errno.EADDRNOTAVAIL ->
          "that address is not configured in this network namespace (or is tentative: IPv6"
              + " duplicate address detection must be off)";
      case Errno.ENETUNREACH, Errno.EHOSTUNREACH ->
          "this network namespace has no route to the peer; add one first";
      case Errno.ENOMEM ->
          "the socket's buffer or the kernel's memory for TCP (net.ipv4.tcp_mem) is exhausted";
      case Errno.ENOPROTOOPT, Errno.EOPNOTSUPP ->
          "the kernel does not know that option (Linux 4.10 is needed) or the socket is not plain"
              + " TCP";
      case Errno.EBADF -> "the descriptor is not open";
      default -> Errno.text(errno);
    };
  }
}
