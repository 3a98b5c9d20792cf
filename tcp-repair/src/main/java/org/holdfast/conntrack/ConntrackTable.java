package org.holdfast.conntrack;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.holdfast.linux.Errno;
import org.holdfast.linux.KernelException;
import org.holdfast.linux.NetlinkMessage;
import org.holdfast.linux.NetlinkSocket;
import org.holdfast.tcp.TcpState;
import org.jspecify.annotations.Nullable;

/**
 * The connection tracking table of a network namespace, that of the thread which uses it first. For
 * this one thread.
 */
public final class ConntrackTable implements AutoCloseable {
  /** Exists where the table is in use; asking ctnetlink first would load it. */
  private static final Path IN_USE = Path.of("/proc/sys/net/netfilter/nf_conntrack_count");

  private static final int NFNL_SUBSYS_CTNETLINK = 1 << 8;
  private static final int IPCTNL_MSG_CT_NEW = NFNL_SUBSYS_CTNETLINK;
  private static final int IPCTNL_MSG_CT_GET = NFNL_SUBSYS_CTNETLINK | 1;
  private static final int IPCTNL_MSG_CT_DELETE = NFNL_SUBSYS_CTNETLINK | 2;

  private @Nullable NetlinkSocket netlink;

  /** Whether connections are tracked here at all. */
  public boolean isInUse() {
    return Files.exists(IN_USE);
  }

  /**
   * The entry of a connection, whichever side began it.
   *
   * @return empty if there is none
   * @throws KernelException if the kernel refuses to tell
   */
  public Optional<ConntrackEntry> find(InetSocketAddress local, InetSocketAddress peer) {
    try {
      // The answer claims to be one of many and has no end; the acknowledgement is its end.
      List<NetlinkMessage> found =
          socket()
              .request(
                  IPCTNL_MSG_CT_GET, NetlinkSocket.NLM_F_ACK, ConntrackEntry.query(local, peer));
      return found.stream().findFirst().map(one -> ConntrackEntry.parse(one.payload()));
    } catch (KernelException e) {
      if (e.errno() == Errno.ENOENT) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Puts an entry in, in the place of what there may be of this connection, without a memory of
   * sequence numbers. Call it while nothing of the connection is on its way.
   *
   * @param entry of this connection, not {@link ConntrackEntry#isTranslated translated}
   * @throws KernelException if the kernel refuses
   */
  public void renew(
      InetSocketAddress local, InetSocketAddress peer, ConntrackEntry entry, TcpState state) {
    try {
      socket()
          .request(
              IPCTNL_MSG_CT_DELETE, NetlinkSocket.NLM_F_ACK, ConntrackEntry.query(local, peer));
    } catch (KernelException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
    socket()
        .request(
            IPCTNL_MSG_CT_NEW,
            NetlinkSocket.NLM_F_ACK | NetlinkSocket.NLM_F_CREATE | NetlinkSocket.NLM_F_EXCL,
            entry.renewed(state));
  }

  /**
   * No longer judges an entry's connection by its sequence numbers.
   *
   * @throws KernelException if the kernel refuses
   */
  public void makeLiberal(ConntrackEntry entry) {
    socket().request(IPCTNL_MSG_CT_NEW, NetlinkSocket.NLM_F_ACK, entry.liberal());
  }

  private NetlinkSocket socket() {
    NetlinkSocket open = netlink;
    if (open == null) {
      open = NetlinkSocket.open(NetlinkSocket.NETLINK_NETFILTER);
      netlink = open;
    }
    return open;
  }

  @Override
  public void close() {
    NetlinkSocket open = netlink;
    if (open != null) {
      open.close();
    }
  }
}
