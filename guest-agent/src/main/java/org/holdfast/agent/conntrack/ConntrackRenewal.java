package org.holdfast.agent.conntrack;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.holdfast.linux.Errno;
import org.holdfast.linux.KernelException;
import org.holdfast.linux.NetlinkMessage;
import org.holdfast.linux.NetlinkSocket;
import org.holdfast.tcp.TcpSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * Makes the guest's own connection tracking follow a connection that was given back. It never saw
 * what the host acknowledged, calls everything that follows invalid, and a firewall that accepts
 * what is established only would drop it for ever. For one thread.
 */
public final class ConntrackRenewal implements AutoCloseable {
  private static final Logger LOGGER = System.getLogger(ConntrackRenewal.class.getName());

  /** Exists where the table is in use; asking ctnetlink first would load it. */
  private static final Path TABLE_IN_USE = Path.of("/proc/sys/net/netfilter/nf_conntrack_count");

  private static final int NFNL_SUBSYS_CTNETLINK = 1 << 8;
  private static final int IPCTNL_MSG_CT_NEW = NFNL_SUBSYS_CTNETLINK;
  private static final int IPCTNL_MSG_CT_GET = NFNL_SUBSYS_CTNETLINK | 1;
  private static final int IPCTNL_MSG_CT_DELETE = NFNL_SUBSYS_CTNETLINK | 2;

  private @Nullable NetlinkSocket netlink;

  /** Whether this guest tracks connections at all; where it does not, nothing need be renewed. */
  public boolean isNeeded() {
    return Files.exists(TABLE_IN_USE);
  }

  /**
   * Renews the entry of one connection, if there is one. Call it while nothing of the connection is
   * on its way. A failure is logged: it may not matter to this guest's rules.
   */
  public void renew(TcpSnapshot reached) {
    try {
      renew(socket(), reached);
    } catch (KernelException e) {
      if (e.errno() != Errno.ENOENT) {
        LOGGER.log(Level.WARNING, "the guest's connection tracking is not renewed: " + e);
      }
    }
  }

  private static void renew(NetlinkSocket netlink, TcpSnapshot reached) {
    // The answer claims to be one of many and has no end; the acknowledgement is its end.
    List<NetlinkMessage> found =
        netlink.request(
            IPCTNL_MSG_CT_GET,
            NetlinkSocket.NLM_F_ACK,
            ConntrackEntry.query(reached.local(), reached.peer()));
    if (found.isEmpty()) {
      return;
    }
    ConntrackEntry entry = ConntrackEntry.parse(found.get(0).payload());
    if (entry.isTranslated()) {
      netlink.request(IPCTNL_MSG_CT_NEW, NetlinkSocket.NLM_F_ACK, entry.liberal());
      return;
    }
    netlink.request(
        IPCTNL_MSG_CT_DELETE,
        NetlinkSocket.NLM_F_ACK,
        ConntrackEntry.query(reached.local(), reached.peer()));
    netlink.request(
        IPCTNL_MSG_CT_NEW,
        NetlinkSocket.NLM_F_ACK | NetlinkSocket.NLM_F_CREATE | NetlinkSocket.NLM_F_EXCL,
        entry.renewed(reached.state()));
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
