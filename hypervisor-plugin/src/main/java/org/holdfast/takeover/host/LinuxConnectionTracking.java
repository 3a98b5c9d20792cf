package org.holdfast.takeover.host;

import java.net.InetSocketAddress;
import java.util.Optional;
import org.holdfast.conntrack.ConntrackEntry;
import org.holdfast.conntrack.ConntrackTable;
import org.holdfast.linux.KernelException;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.netlink.NetlinkException;
import org.holdfast.takeover.ConnectionTracking;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.takeover.TakeoverException.Code;
import org.holdfast.takeover.TrackedConnection;
import org.holdfast.tcp.TcpState;

/** The conntrack table of the host's network namespace. */
final class LinuxConnectionTracking implements ConnectionTracking {
  private final NamespaceThread thread;
  private final ConntrackTable table = new ConntrackTable();

  /**
   * @param thread in the host's network namespace
   */
  LinuxConnectionTracking(NamespaceThread thread) {
    this.thread = thread;
  }

  /**
   * What is remembered of a connection.
   *
   * @throws TakeoverException TRACKING_FAILED if the kernel does not tell
   */
  Optional<TrackedConnection> find(int index, InetSocketAddress vm, InetSocketAddress peer) {
    try {
      return thread
          .call(() -> table.isInUse() ? table.find(vm, peer) : Optional.<ConntrackEntry>empty())
          .map(entry -> new TrackedConnection(index, entry.bytes(), entry.isTranslated()));
    } catch (KernelException | NetlinkException e) {
      throw failed(vm, peer, e);
    }
  }

  @Override
  public void adopt(
      InetSocketAddress vm, InetSocketAddress peer, TcpState state, TrackedConnection tracked) {
    try {
      ConntrackEntry entry = ConntrackEntry.parse(tracked.entry());
      if (!entry.isOf(vm, peer) || entry.isTranslated()) {
        throw new TakeoverException(
            Code.TRACKING_FAILED,
            "what the other host remembers is not of the connection from %s to %s"
                .formatted(peer, vm));
      }
      thread.call(
          () -> {
            if (table.isInUse()) {
              table.renew(vm, peer, entry, state);
            }
            return true;
          });
    } catch (KernelException | NetlinkException e) {
      throw failed(vm, peer, e);
    }
  }

  private static TakeoverException failed(
      InetSocketAddress vm, InetSocketAddress peer, RuntimeException why) {
    return new TakeoverException(
        Code.TRACKING_FAILED,
        "this host's connection tracking cannot be asked or told of the connection from %s to %s: %s"
            .formatted(peer, vm, why.getMessage()),
        why);
  }

  void close() {
    thread.call(
        () -> {
          table.close();
          return true;
        });
  }
}
