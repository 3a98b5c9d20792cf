package org.holdfast.takeover.host;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.NetlinkSocket;
import org.holdfast.linux.NetworkNamespace;
import org.holdfast.linux.Nftables;

/**
 * What everything here shares: a thread in the host's network namespace with a socket to rtnetlink
 * and nftables at hand, and a clock for announcements.
 *
 * @param thread where {@code netlink} and {@code nftables} were made and must be used; nothing that
 *     takes time may run there, for any VM may be in its blackout
 * @param alive ids of the takeover namespaces of this process
 * @param commands for what takes time: starting processes in the host's network namespace
 */
record HostContext(
    NamespaceThread thread,
    NamespaceThread commands,
    NetlinkSocket netlink,
    ForwardingTable forwarding,
    NftablesFence fence,
    Nftables nftables,
    LinuxConnectionTracking tracking,
    Set<String> alive,
    ScheduledExecutorService clock) {

  /** The host's network is that of {@code namespace}. */
  static HostContext in(NetworkNamespace namespace) {
    NamespaceThread thread = namespace.startThread("holdfast-host-network");
    try {
      return thread.call(
          () -> {
            NetlinkSocket netlink = NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE);
            Nftables nftables = new Nftables();
            return new HostContext(
                thread,
                namespace.startThread("holdfast-host-commands"),
                netlink,
                new ForwardingTable(netlink),
                new NftablesFence(thread, nftables),
                nftables,
                new LinuxConnectionTracking(thread),
                ConcurrentHashMap.newKeySet(),
                Executors.newSingleThreadScheduledExecutor(HostContext::clockThread));
          });
    } catch (RuntimeException | Error e) {
      thread.close();
      throw e;
    }
  }

  private static Thread clockThread(Runnable work) {
    Thread thread = new Thread(work, "holdfast-announcements");
    thread.setDaemon(true);
    return thread;
  }

  /** The host's network devices now. */
  List<Link> links() {
    return thread.call(() -> Links.list(netlink));
  }

  void close() {
    clock.shutdownNow();
    tracking.close();
    thread.call(
        () -> {
          netlink.close();
          nftables.close();
          return true;
        });
    commands.close();
    thread.close();
  }
}
