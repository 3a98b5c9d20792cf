package org.holdfast.tcp;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * One TCP socket, as far as TCP_REPAIR reaches. Not safe for use by several threads at once.
 *
 * <p>The order of calls, for a takeover and a give-back:
 *
 * <pre>
 *   guest, owner frozen                  readAhead(OWNERS_STAND)
 *   guest, owner frozen, port fenced     exportOriginal(ahead)
 *   holder, in the takeover namespace    recreate(export)   ... port opened ...   release()
 *   holder, port closed                  export(STAY_IN_REPAIR)  ... close() later: silent
 *   guest, owner frozen, port fenced     conform(reached, received)  ... port opened ...  release()
 * </pre>
 *
 * <p>Between {@code recreate} or {@code conform} and {@code release} the socket is in repair:
 * silent, and an application that touched it would get EPERM.
 *
 * <p>What the caller sees to:
 *
 * <ul>
 *   <li>The calling thread stands in the socket's network namespace, whose {@code lo} is up: a
 *       peer's FIN or RST is told to a restored socket by a segment that comes in over {@code lo},
 *       and an acknowledgement to one that is about to be disconnected. Rules that keep a holder's
 *       own FINs and RSTs from the wire are for its other interfaces.
 *   <li>A copy has no round-trip time and waits TCP's initial RTO (1 s) before it sends again what
 *       was sent before the fence and lost; a route of its namespace with {@code rtt}, {@code
 *       rttvar} and {@code rto_min} from {@link TcpSnapshot#roundTripTime()} shortens that.
 *   <li>A stateful firewall between the socket and the wire does not know what the copy did.
 * </ul>
 */
public interface RepairSocket extends AutoCloseable {

  /** What an export leaves behind. */
  enum AfterExport {
    /**
     * Repair off without a window probe: the socket works on as before, but does not give its
     * connection up for want of answers until {@code release} or {@code close}.
     */
    LEAVE_SILENTLY,
    /** The socket stays in repair: closing it sends nothing. */
    STAY_IN_REPAIR
  }

  /** What keeps a socket from changing while its state is read ahead. */
  enum Stillness {
    /** Its owners stand: only segments can change it. */
    OWNERS_STAND,
    /** Its port is fenced as well: nothing can. */
    FENCED
  }

  /**
   * What {@link #readAhead} read: good as long as the stillness lasts, for {@link #exportOriginal}
   * or one call of {@link #conform(TcpSnapshot, ByteBuffer, ReadAhead)} of the same socket.
   */
  interface ReadAhead {}

  /** The file descriptor in this process. */
  int descriptor();

  /** The kernel's state of the socket now, without repair mode. */
  TcpState state();

  /**
   * Reads everything. The buffers of the answer belong to this socket's factory and stay valid
   * until the next call of {@code export} on any socket of the same thread; copy what must live
   * longer.
   *
   * @throws TcpRepairException if the kernel refuses or the state cannot be exported
   */
  TcpExport export(AfterExport after);

  /**
   * Reads, before a blackout, what need not be read in it.
   *
   * @throws TcpRepairException if the kernel refuses
   */
  ReadAhead readAhead(Stillness stillness);

  /**
   * Reads an application's socket for a takeover, and leaves it as {@link
   * AfterExport#LEAVE_SILENTLY} does. What the application has not read stays with it: it is
   * counted, and not in the answer.
   *
   * @param ahead of this socket
   * @throws TcpRepairException as {@link #export}
   */
  TcpExport exportOriginal(ReadAhead ahead);

  /**
   * Makes this fresh socket (in CLOSE) a copy of an exported connection; it stays in repair. Its
   * buffers are forced to at least {@code bufferBytes}, so that it can accept what the original had
   * promised and more. A copy never gives its connection up for want of an answer, and does not
   * send a FIN that waits behind unsent bytes: that one is the original's to send.
   *
   * @throws TcpRepairException if the kernel refuses; the socket is then only good for closing
   */
  void recreate(TcpExport export, int bufferBytes);

  /**
   * Has a copy that was released send more of what its original had still to send. Never waits.
   *
   * @param more what follows in the original's send queue; not to be changed before this returns
   * @throws TcpRepairException if the kernel has no memory for it, or refuses; some of it may have
   *     been taken, so nothing may follow
   */
  void append(ByteBuffer more);

  /**
   * Looks at what a copy has received and nobody has taken out.
   *
   * @param into direct; filled from its position on, as far as there are bytes
   * @return bytes seen; 0 if none wait or nothing more will come
   * @throws TcpRepairException if the kernel refuses
   */
  int peekReceived(ByteBuffer into);

  /**
   * Takes bytes out of a copy's receive queue, as an application would by reading: its window stays
   * open. They count as received by the copy for ever after, and are the caller's to keep: it has
   * them safe already, since a process may end at any instant.
   *
   * @param bytes no more than {@link #peekReceived} has seen
   * @throws TcpRepairException if the kernel refuses, as it does in repair
   */
  void discardReceived(int bytes);

  /** How much was taken out of a copy's receive queue since it was made, by whatever process. */
  int discardedBytes();

  /**
   * Gives this live socket the state that its copy has reached: what it had not read plus {@code
   * received}, what the peer has not acknowledged plus what was written since. It stays in repair.
   * Options the kernel loses on the way are put back by {@link #release()}.
   *
   * <p>If the two cannot be the same connection, nothing has been touched. If the kernel refuses
   * later, the connection is lost, and the socket out of repair, so that its application learns it.
   *
   * @param reached the copy's last snapshot
   * @param received what the copy received beyond the export, in order, position to limit of each:
   *     the last bytes before {@code reached.receiveEnd()}
   * @return what changed, in bytes
   * @throws TcpRepairException if the kernel refuses
   */
  default Conformed conform(TcpSnapshot reached, List<ByteBuffer> received) {
    return conform(reached, received, readAhead(Stillness.FENCED));
  }

  /** The same, where all that was received is in one place. */
  default Conformed conform(TcpSnapshot reached, ByteBuffer received) {
    return conform(reached, List.of(received));
  }

  /**
   * The same, with what was read before.
   *
   * @param ahead of this socket, with the stillness FENCED
   */
  Conformed conform(TcpSnapshot reached, List<ByteBuffer> received, ReadAhead ahead);

  /**
   * Goes on with a socket that another process has exported silently, and may have begun to
   * conform: it is out of repair, and as patient as that process had made it.
   *
   * @param userTimeoutMillis TCP_USER_TIMEOUT before that export
   * @throws TcpRepairException if the kernel refuses
   */
  void goOn(int userTimeoutMillis);

  /**
   * The port is open: repair off (a window probe goes out), unsent bytes and a FIN that follows
   * them sent, options put back. Never waits.
   *
   * @throws TcpRepairException if the kernel has no memory for the unsent bytes. They are lost, and
   *     with them the connection of a socket that was conformed: both ends learn it
   */
  void release();

  /** Closes the descriptor. Silent while the socket is in repair. */
  @Override
  void close();

  /**
   * What {@link #conform} did.
   *
   * @param handedOver received on the socket's behalf, bytes
   * @param acknowledged of its send queue, by the peer, bytes
   * @param writtenSince by the application since the export, bytes
   * @param unsent what {@link #release} is to send, bytes: the kernel has no memory set aside for
   *     it
   * @param autoTuningLost the kernel is older than 5.16: the socket's buffers had to be forced and
   *     no longer grow by themselves
   */
  record Conformed(
      long handedOver, long acknowledged, long writtenSince, long unsent, boolean autoTuningLost) {}
}
