package org.holdfast.agent.session;

import java.time.Duration;
import java.util.List;
import org.holdfast.agent.freeze.Freeze;
import org.holdfast.proto.agent.v1.Ticket;

/**
 * What the agent holds between one request and the next.
 *
 * <pre>
 *                export                    conform_commit
 *   Nothing --------------> Exported ------------------------> Conformed
 *      ^                     |    ^                              |    |
 *      |       forget        |    |     silence, new conform     |    |
 *      +---------------------+    +------------------------------+    |
 *      |                       release, forget                        |
 *      +--------------------------------------------------------------+
 * </pre>
 */
sealed interface Held {

  /** No ticket: the guest speaks for itself. */
  record Nothing() implements Held {}

  /**
   * The host speaks for these connections; their owners run.
   *
   * @param ticket where they are held
   * @param freezeBound how long their owners may take to stand
   */
  record Exported(Ticket ticket, Duration freezeBound, List<HeldConnection> connections)
      implements Held {

    /** Without the ticket's secret. */
    @Override
    public String toString() {
      return connections.size() + " connections of migration " + ticket.getMigrationId();
    }
  }

  /**
   * The guest's sockets have what the host had; they are in repair and their owners stand.
   *
   * @param exported what it was before
   * @param conformed those that are in repair
   * @param freeze their owners
   */
  record Conformed(Exported exported, List<HeldConnection> conformed, Freeze freeze)
      implements Held {}
}
