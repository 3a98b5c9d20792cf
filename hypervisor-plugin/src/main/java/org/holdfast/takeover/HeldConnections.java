package org.holdfast.takeover;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
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

  /**
   * Has a copy send more of what its VM had still to send; after {@link #release}. A copy that
   * takes no more is not told the rest either: the VM has it.
   *
   * @param index of the connection; nothing happens if there is no copy of it
   */
  void append(int index, ByteBuffer bytes);

  /** One for each copy, in the order of their making. */
  List<HeldStatistics> statistics();

  /**
   * Passes on what was received, while the copies go on; also what comes meanwhile, as long as it
   * is worth it. The one method here that other threads may work beside.
   *
   * @param already how much of each connection was passed on by earlier calls, bytes by its index
   * @return how much of each was passed on by those and by this one
   */
  Map<Integer, Integer> passAhead(Map<Integer, Integer> already, ReceivedBytes receiver);

  /** The same, where nothing has been passed on before. */
  default Map<Integer, Integer> passAhead(ReceivedBytes receiver) {
    return passAhead(Map.of(), receiver);
  }

  /**
   * The namespace is shut: brings every copy to a halt and passes on what it has reached, in the
   * order of their making. The copies stay in repair, silent.
   *
   * @param ahead how much of each connection has been passed on before
   */
  void exportAll(Map<Integer, Integer> ahead, Consumer<ReachedConnection> receiver);

  /** The same, where nothing has been passed on before. */
  default void exportAll(Consumer<ReachedConnection> receiver) {
    exportAll(Map.of(), receiver);
  }

  /**
   * The claim broke before the target opened, and the namespace is open again: the copies go on.
   */
  void resumeHolding();

  /** Closes all copies without a word to the peers. */
  void dropSilently();
}
