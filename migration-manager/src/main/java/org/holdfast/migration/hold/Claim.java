package org.holdfast.migration.hold;

import java.util.List;
import java.util.function.Consumer;
import org.holdfast.proto.agent.v1.ConformedConnection;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.ParkedFrame;
import org.holdfast.proto.v1.TrackedConnection;
import org.holdfast.takeover.ReceivedBytes;

/**
 * One attempt to give held connections back to their VM (patent FIG. 12, blocks 148-162). The steps
 * are called in this order by one thread, once each but for the first:
 *
 * <pre>
 *   passAhead     what was received since the last time; the copies go on (may be left out)
 *   take          the copies fall silent and say what they have reached
 *   passOnParked  the guest's sockets are conformed: what has come for the VM until now
 *   opening       the VM's own port is about to open: from here there is no way back
 *   opened        it is open
 *   released      the guest's sockets serve; the copies are dropped
 * </pre>
 *
 * Closing a claim before {@code opening} makes the copies answer again; the claim can be repeated.
 */
public interface Claim extends AutoCloseable {

  /** How many connections are held. */
  int connections();

  /**
   * What the firewall of the holder's host knows of the connections and can be known elsewhere; to
   * be asked before the copies fall silent, or not at all.
   *
   * @throws org.holdfast.api.HoldfastException HOLDER_UNREACHABLE if the holder cannot be heard
   */
  default List<TrackedConnection> tracked() {
    return List.of();
  }

  /**
   * Passes on what was received on the VM's behalf so far, so that little is left to do when the
   * copies fall silent. Each call goes on where the last one ended. A holder that cannot passes
   * nothing.
   *
   * @throws org.holdfast.api.HoldfastException HOLDER_UNREACHABLE if the holder cannot be heard
   */
  void passAhead(ReceivedBytes receiver);

  /**
   * Silences the copies and hands each over, with what was not passed ahead. A connection's bytes
   * are valid during the call of {@code sink} only.
   *
   * @throws org.holdfast.api.HoldfastException HOLDER_UNREACHABLE if the holder cannot be heard
   */
  void take(Consumer<ReachedConnection> sink);

  /**
   * Passes on the frames that have come for the VM until now, so that those that come through its
   * port do not overtake them: to be called when the guest's sockets are conformed and the port is
   * still fenced. May be called several times, also after {@link #opened}: where the VM is on
   * another host the network goes on sending here for a while. If the claim breaks these frames are
   * lost.
   *
   * @param receiver may hear more of them until {@link #opened} returns, from a thread of the
   *     claim's
   */
  void passOnParked(Consumer<ParkedFrame> receiver);

  /**
   * From here the VM may speak for itself, so the copies never will again: a claim that is closed
   * now leaves them silent, and can be repeated.
   */
  void opening();

  /**
   * Says that the VM's port is open.
   *
   * @param late hears, from a thread of the claim's, frames for the VM that came to the holder too
   *     late, until {@code released}
   */
  void opened(Consumer<ParkedFrame> late);

  /**
   * Says that the guest's sockets serve their peers.
   *
   * @param connections what became of each
   * @return the ledger
   */
  List<LedgerEntry> released(List<ConformedConnection> connections);

  @Override
  void close();
}
