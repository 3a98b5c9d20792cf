package org.holdfast.linux;

/** The kernel's numbers, under the kernel's names (include/uapi). */
final class LinuxConstants {
  // linux/socket.h, asm-generic/socket.h
  static final int AF_UNSPEC = 0;
  static final int AF_UNIX = 1;
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;
  static final int AF_NETLINK = 16;
  static final int AF_PACKET = 17;
  static final int SOCK_STREAM = 1;
  static final int SOCK_DGRAM = 2;
  static final int SOCK_RAW = 3;
  static final int SOCK_NONBLOCK = 0x800;
  static final int SOCK_CLOEXEC = 0x80000;
  static final int SHUT_RD = 0;
  static final int SHUT_WR = 1;
  static final int MSG_PEEK = 0x2;
  static final int MSG_TRUNC = 0x20;
  static final int MSG_DONTWAIT = 0x40;
  static final int MSG_NOSIGNAL = 0x4000;
  static final int MSG_CMSG_CLOEXEC = 0x40000000;
  static final int SCM_RIGHTS = 1;
  static final int SOL_SOCKET = 1;
  static final int SO_REUSEADDR = 2;
  static final int SO_ERROR = 4;
  static final int SO_SNDBUF = 7;
  static final int SO_RCVBUF = 8;
  static final int SO_KEEPALIVE = 9;
  static final int SO_PEERCRED = 17;
  static final int SO_ATTACH_FILTER = 26;
  static final int SO_RCVLOWAT = 18;
  static final int SO_SNDBUFFORCE = 32;
  static final int SO_RCVBUFFORCE = 33;
  static final int SO_MARK = 36;
  static final int SO_PEEK_OFF = 42;
  static final int SO_PEERGROUPS = 59;
  static final int SO_BINDTOIFINDEX = 62;
  static final int SO_BUF_LOCK = 72;
  static final int SOCK_SNDBUF_LOCK = 1;
  static final int SOCK_RCVBUF_LOCK = 2;
  static final int SOL_NETLINK = 270;
  static final int NETLINK_EXT_ACK = 11;

  // linux/in6.h
  static final int IPPROTO_IPV6 = 41;
  static final int IPV6_V6ONLY = 26;

  // linux/tcp.h
  static final int IPPROTO_TCP = 6;
  static final int IPPROTO_RAW = 255;
  static final int TCP_NODELAY = 1;
  static final int TCP_MAXSEG = 2;
  static final int TCP_WINDOW_CLAMP = 10;
  static final int TCP_INFO = 11;
  static final int TCP_QUICKACK = 12;
  static final int TCP_CONGESTION = 13;
  static final int TCP_USER_TIMEOUT = 18;
  static final int TCP_REPAIR = 19;
  static final int TCP_REPAIR_QUEUE = 20;
  static final int TCP_QUEUE_SEQ = 21;
  static final int TCP_REPAIR_OPTIONS = 22;
  static final int TCP_TIMESTAMP = 24;
  static final int TCP_NOTSENT_LOWAT = 25;
  static final int TCP_REPAIR_WINDOW = 29;
  static final int TCP_REPAIR_ON = 1;
  static final int TCP_REPAIR_OFF = 0;
  static final int TCP_REPAIR_OFF_NO_WP = -1;
  static final int TCP_RECV_QUEUE = 1;
  static final int TCP_SEND_QUEUE = 2;
  static final int TCPOPT_MSS = 2;
  static final int TCPOPT_WINDOW = 3;
  static final int TCPOPT_SACK_PERM = 4;
  static final int TCPOPT_TIMESTAMP = 8;
  static final int TCPI_OPT_TIMESTAMPS = 1;
  static final int TCPI_OPT_SACK = 2;
  static final int TCPI_OPT_WSCALE = 4;
  static final int TCPI_OPT_ECN = 8;
  static final int TCPI_OPT_USEC_TS = 64;
  static final int SIOCINQ = 0x541B;
  static final int SIOCOUTQ = 0x5411;

  // linux/if_packet.h, linux/if_ether.h
  static final int SOL_PACKET = 263;
  static final int PACKET_STATISTICS = 6;
  static final int PACKET_IGNORE_OUTGOING = 23;
  static final int ETH_P_ALL = 3;

  // linux/sched.h, linux/fs.h, asm-generic/fcntl.h, linux/mount.h
  static final int CLONE_NEWNET = 0x40000000;
  static final int F_DUPFD_CLOEXEC = 1030;
  static final int O_RDONLY = 0;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0x40;
  static final int O_EXCL = 0x80;
  static final int O_NONBLOCK = 0x800;
  static final int O_CLOEXEC = 0x80000;
  static final int MFD_CLOEXEC = 1;
  static final int MS_BIND = 4096;
  static final int MS_REC = 16384;
  static final int MS_SHARED = 1 << 20;
  static final int MNT_DETACH = 2;

  // asm-generic/unistd.h: the same on every 64-bit architecture since they were added
  static final int SYS_PIDFD_OPEN = 434;
  static final int SYS_PIDFD_GETFD = 438;

  // linux/signal.h
  static final int SIGKILL = 9;
  static final int SIGCONT = 18;
  static final int SIGSTOP = 19;

  // linux/netlink.h
  static final int NLMSG_ERROR = 2;
  static final int NLMSG_DONE = 3;
  static final int NLM_F_MULTI = 2;

  private LinuxConstants() {}
}
