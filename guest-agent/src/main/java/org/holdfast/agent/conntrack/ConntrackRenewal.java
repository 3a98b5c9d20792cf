package org.holdfast.agent.conntrack;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.holdfast.conntrack.ConntrackEntry;
import org.holdfast.conntrack.ConntrackTable;
import org.holdfast.linux.Errno;
import org.holdfast.linux.KernelException;
import org.holdfast.tcp.TcpSnapshot;

/**
 * Makes the guest's own connection tracking follow a connection that was given back. It never saw
 * what the host acknowledged, calls everything that follows invalid, and a firewall that accepts
 * what is established only would drop it for ever. For one thread.
 */
public final class ConntrackRenewal implements AutoCloseable {
  private static final Logger LOGGER = System.getLogger(ConntrackRenewal.class.getName());

  private final ConntrackTable table = new ConntrackTable();

  /** Whether this guest tracks connections at all; where it does not, nothing need be renewed. */
  public boolean isNeeded() {
    return table.isInUse();
  }

  /**
   * Renews the entry of one connection, if there is one. Call it while nothing of the connection is
   * on its way. A failure is logged: it may not matter to this guest's rules.
   */
  public void renew(TcpSnapshot reached) {
    try {
      table.find(reached.local(), reached.peer()).ifPresent(entry -> renew(entry, reached));
    } catch (KernelException e) {
      if (e.errno() != Errno.ENOENT) {
        LOGGER.log(Level.WARNING, "the guest's connection tracking is not renewed: " + e);
      }
    }
  }

  private void renew(ConntrackEntry entry, TcpSnapshot reached) {
    if (entry.isTranslated()) {
      table.makeLiberal(entry);
    } else {
      table.renew(reached.local(), reached.peer(), entry, reached.state());
    }
  }

  @Override
  public void close() {
    table.close();
  }
}
