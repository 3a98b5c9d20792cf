package org.holdfast.tcp;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.tcp.RepairSocket.Conformed;

/**
 * Sequence arithmetic that brings a socket and its copy together. Both have lived on since they
 * were one: the copy received and was acknowledged on the original's behalf; the original's
 * application may have read, written or shut down, and the original may have processed segments
 * that were under way when it was exported. No byte is handed over twice, none is lost.
 */
public final class Reconciliation {
  private final TcpSnapshot own;
  private final TcpExport ownExport;
  private final TcpSnapshot reached;

  private Reconciliation(TcpExport ownExport, TcpSnapshot reached) {
    this.own = ownExport.snapshot();
    this.ownExport = ownExport;
    this.reached = reached;
  }

  /**
   * What the original needs to become what its copy has reached.
   *
   * @param restoration for the original's socket
   * @param handedOver received by the copy and not by the original, bytes
   * @param acknowledged of the original's send queue, by the peer, bytes
   * @param writtenSince by the application since the export, bytes
   * @param received what is handed over; the rest of the restoration's receive queue is the
   *     original's own
   * @param onlyReceived whether that is all: the original can go on as it is, with this behind what
   *     it has received itself
   */
  public record Result(
      Restoration restoration,
      long handedOver,
      long acknowledged,
      long writtenSince,
      List<ByteBuffer> received,
      boolean onlyReceived) {

    /** The same as {@link RepairSocket#conform} reports it. */
    public Conformed report(boolean autoTuningLost) {
      int unsent = restoration.unsent().remaining();
      return new Conformed(handedOver, acknowledged, writtenSince, unsent, autoTuningLost);
    }
  }

  /**
   * @param ownExport the original as it is now
   * @param reached the copy's last snapshot
   * @param received the last bytes before {@code reached.receiveEnd()}, position to limit of each
   * @throws TcpRepairException if the two cannot be the same connection, or {@code received} is too
   *     short; nothing has been touched then
   */
  public static Result of(TcpExport ownExport, TcpSnapshot reached, List<ByteBuffer> received) {
    return new Reconciliation(ownExport, reached).result(received);
  }

  private Result result(List<ByteBuffer> received) {
    int extra = SequenceNumber.distance(own.receiveEnd(), reached.receiveEnd());
    boolean reset = reached.state() == TcpState.CLOSE;
    boolean peerFin = own.state().finReceived() || reached.state().finReceived();
    int receivedBytes = received.stream().mapToInt(ByteBuffer::remaining).sum();
    requireConsistentReceiving(extra, reset, receivedBytes);
    if (!reset) {
      requireConsistentSending();
    }
    int handedOver = Math.max(0, extra);
    List<ByteBuffer> receivedSince = without(receivedBytes - handedOver, received);
    List<ByteBuffer> receiveQueue = new ArrayList<>();
    receiveQueue.add(ownExport.receiveQueue().duplicate());
    receiveQueue.addAll(receivedSince);
    int receiveEnd = own.receiveEnd() + handedOver;
    int sendStart =
        reset
            ? own.sendUnacknowledged()
            : SequenceNumber.later(own.sendUnacknowledged(), reached.sendUnacknowledged());
    int acknowledged = SequenceNumber.distance(own.sendUnacknowledged(), sendStart);
    ByteBuffer queue = ownExport.sendQueue();
    int sent = reset ? 0 : sentBytes(sendStart);
    int unsent = reset ? 0 : own.sendQueueBytes() - acknowledged - sent;
    int sentFrom = queue.position() + acknowledged;
    Restoration restoration =
        new Restoration(
            own.family(),
            own.local(),
            own.peer(),
            receiveEnd,
            receiveQueue,
            sendStart,
            queue.slice(sentFrom, sent),
            queue.slice(sentFrom + sent, unsent),
            own.options(),
            TimestampClock.later(own.timestamp(), reached.timestamp()),
            window().fittedTo(receiveEnd, peerFin),
            reset ? OwnFin.NONE : ownFin(unsent),
            peerFin,
            finsCrossed(),
            reset);
    long written = SequenceNumber.distance(reached.sendEnd(), own.sendEnd());
    return new Result(
        restoration,
        handedOver,
        acknowledged,
        Math.max(0, written),
        receivedSince,
        hasOnlyReceived());
  }

  /** With a FIN on its way, or bytes that wait for their acknowledgement, more has changed. */
  private boolean hasOnlyReceived() {
    boolean open = own.state() == TcpState.ESTABLISHED || own.state() == TcpState.CLOSE_WAIT;
    boolean nothingToSend = own.sendQueueBytes() == 0 && reached.sendQueueBytes() == 0;
    return open
        && own.state() == reached.state()
        && nothingToSend
        && own.sendEnd() == reached.sendEnd();
  }

  /** All but the first bytes: those the original has received itself. */
  private static List<ByteBuffer> without(int first, List<ByteBuffer> received) {
    List<ByteBuffer> rest = new ArrayList<>();
    int toSkip = first;
    for (ByteBuffer part : received) {
      int skipped = Math.min(toSkip, part.remaining());
      toSkip -= skipped;
      if (skipped < part.remaining()) {
        rest.add(part.slice(part.position() + skipped, part.remaining() - skipped));
      }
    }
    return rest;
  }

  private void requireConsistentReceiving(int extra, boolean reset, int receivedBytes) {
    if (extra > receivedBytes) {
      throw contradiction(
          "the copy received "
              + extra
              + " bytes more than the original, but only "
              + receivedBytes
              + " were handed in");
    }
    if (own.state().finReceived() && extra > 0) {
      throw contradiction("the copy received " + extra + " bytes after the peer's FIN");
    }
    if (!reset && reached.state().finReceived() && extra < 0) {
      throw contradiction("the original received " + -extra + " bytes after the peer's FIN");
    }
  }

  private void requireConsistentSending() {
    if (SequenceNumber.isBefore(own.sendEnd(), reached.sendEnd())) {
      throw contradiction(
          "the copy's send queue ends at "
              + SequenceNumber.toString(reached.sendEnd())
              + ", the original's before it at "
              + SequenceNumber.toString(own.sendEnd()));
    }
    if (SequenceNumber.isBefore(reached.sendEnd(), own.sendUnacknowledged())) {
      throw contradiction("the peer has acknowledged more than the copy ever held");
    }
    if (reached.state().finQueued() && !own.state().finQueued()) {
      throw contradiction("the copy has shut down, the original has not");
    }
  }

  /**
   * The peer knows of nothing behind the copy's SND.NXT: what the original sent after the export
   * met a closed port. It counts as unsent, so that it goes out at once.
   */
  private int sentBytes(int sendStart) {
    int copySendNext = reached.sendEnd() - reached.unsentBytes();
    return Math.max(0, SequenceNumber.distance(sendStart, copySendNext));
  }

  /** The copy's, with the further right edge of what either has promised the peer. */
  private TcpWindow window() {
    TcpWindow copy = reached.window();
    int edge = SequenceNumber.later(own.window().rightEdge(), copy.rightEdge());
    return new TcpWindow(
        copy.sendWl1(),
        copy.sendWindow(),
        copy.maxWindow(),
        edge - copy.receiveWindowUpdate(),
        copy.receiveWindowUpdate());
  }

  private OwnFin ownFin(int unsent) {
    if (!own.state().finQueued()) {
      return OwnFin.NONE;
    }
    if (own.state().finAcknowledged() || reached.state().finAcknowledged()) {
      return OwnFin.ACKNOWLEDGED;
    }
    // Sent again at once rather than after a retransmission time-out: the copy's never left.
    return finsCrossed() && unsent == 0 ? OwnFin.SENT : OwnFin.ON_RELEASE;
  }

  private boolean finsCrossed() {
    return reached.state() == TcpState.TIME_WAIT
        || own.state() == TcpState.CLOSING
        || reached.state() == TcpState.CLOSING;
  }

  private TcpRepairException contradiction(String what) {
    return new TcpRepairException(
        "conform " + own.local() + " - " + own.peer(),
        0,
        what + "; the original is left as it was, compare the two exports");
  }
}
