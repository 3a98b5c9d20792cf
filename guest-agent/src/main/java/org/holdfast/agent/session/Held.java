package org.holdfast.agent.session;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import org.holdfast.agent.freeze.Freeze;
import org.holdfast.proto.agent.v1.Ticket;

/**
 * What the agent holds between one request and the next.
 *
 * <pre>
 *            export            conform             conform_commit
 *   Nothing --------> Exported -------> Conforming --------------> Conformed
 *      ^               |    ^               |                        |   |
 *      |    forget     |    |   silence, new attempt, any problem    |   |
 *      +---------------+    +---------------+------------------------+   |
 *      |                          release, forget                        |
 *      +-----------------------------------------------------------------+
 * </pre>
 */
sealed interface Held {
  Logger LOGGER = System.getLogger(Held.class.getName());

  /** No ticket: the guest speaks for itself. */
  record Nothing() implements Held {}

  /**
   * The host speaks for these connections; their owners run, or stand a little longer.
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

  /** Sockets have what the host had: they are in repair, and their owners stand. */
  sealed interface InRepair extends Held {
    /** What it was before. */
    Exported exported();

    /** Those that are in repair. */
    List<HeldConnection> conformed();

    /** Their owners. */
    Freeze freeze();

    /** Out of repair, and running: sockets first, else their owners would get EPERM. */
    default Exported undo() {
      for (HeldConnection connection : conformed()) {
        try {
          connection.socket().release();
        } catch (RuntimeException e) {
          LOGGER.log(Level.WARNING, "connection " + connection.index() + " is not released: " + e);
        }
      }
      freeze().thaw();
      return exported();
    }
  }

  /** Some of the guest's sockets, more to come. */
  record Conforming(Exported exported, ConformRun run) implements InRepair {
    @Override
    public List<HeldConnection> conformed() {
      return run.conformed();
    }

    @Override
    public Freeze freeze() {
      return run.freeze();
    }
  }

  /** All of them. */
  record Conformed(Exported exported, List<HeldConnection> conformed, Freeze freeze)
      implements InRepair {}
}
