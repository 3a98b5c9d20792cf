package org.holdfast.takeover;

import java.util.List;
import java.util.function.Consumer;

/**
 * The copies of a VM's connections in a takeover namespace. Not safe for use by several threads at
 * once.
 */
public interface HeldConnections {

  /**
   * Makes copies, still silent. May be called several times, as exports arrive, until the namespace
   * opens. A copy holds only what the VM does not have: the VM's unread bytes are not copied.
   *
   * @return those the kernel refused
   */
  List<RecreateFailure> recreate(List<ConnectionToHold> connections);

  /** How many copies there are. */
  int size();

  /** The namespace is open: the copies leave repair and go on with what they have to send. */
  void release();

  /** One for each copy, in the order of their making. */
  List<HeldStatistics> statistics();

  /**
   * The namespace is shut: brings every copy to a halt and passes on what it has reached, in the
   * order of their making. The copies stay in repair, silent.
   */
  void exportAll(Consumer<ReachedConnection> receiver);

  /**
   * The claim broke before the target opened, and the namespace is open again: the copies go on.
   */
  void resumeHolding();

  /** Closes all copies without a word to the peers. */
  void dropSilently();
}
