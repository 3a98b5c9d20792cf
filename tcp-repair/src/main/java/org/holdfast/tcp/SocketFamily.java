package org.holdfast.tcp;

/** Address family of a socket and of what it talks. */
public enum SocketFamily {
  IPV4,
  IPV6,
  /** An AF_INET6 socket that talks IPv4. */
  IPV4_MAPPED
}
