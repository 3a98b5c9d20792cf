package org.holdfast.linux;

import static org.holdfast.linux.LinuxConstants.TCPOPT_MSS;
import static org.holdfast.linux.LinuxConstants.TCPOPT_SACK_PERM;
import static org.holdfast.linux.LinuxConstants.TCPOPT_TIMESTAMP;
import static org.holdfast.linux.LinuxConstants.TCPOPT_WINDOW;
import static org.holdfast.linux.LinuxConstants.TCP_MAXSEG;
import static org.holdfast.linux.LinuxConstants.TCP_QUEUE_SEQ;
import static org.holdfast.linux.LinuxConstants.TCP_RECV_QUEUE;
import static org.holdfast.linux.LinuxConstants.TCP_REPAIR_QUEUE;
import static org.holdfast.linux.LinuxConstants.TCP_SEND_QUEUE;
import static org.holdfast.linux.LinuxConstants.TCP_TIMESTAMP;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.holdfast.tcp.NegotiatedOptions;
import org.holdfast.tcp.OwnFin;
import org.holdfast.tcp.Restoration;
import org.holdfast.tcp.TcpRepairException;

/**
 * Gives a socket that is in repair and in CLOSE the state of a connection. The order is the
 * kernel's: each step has its only place.
 */
final class TcpRestorer {
  /** What TCP_MAXSEG takes (TCP_MIN_MSS, MAX_TCP_WINDOW of include/net/tcp.h). */
  private static final int SMALLEST_SEGMENT_BYTES = 88;

  private static final int LARGEST_SEGMENT_BYTES = 32767;

  private final TcpCalls calls = TcpCalls.ofThread();
  private final int descriptor;
  private final boolean inet6;

  private final boolean routingChoosesAddress;

  /**
   * @param routingChoosesAddress whether an IPv6 socket is to have the address that connecting
   *     gives it: binding to one sets IPV6_V6ONLY, for good
   */
  TcpRestorer(int descriptor, boolean inet6, boolean routingChoosesAddress) {
    this.descriptor = descriptor;
    this.inet6 = inet6;
    this.routingChoosesAddress = routingChoosesAddress;
  }

  /** Everything but the unsent bytes and a FIN that follows them: those are for the release. */
  void restore(Restoration connection) {
    setSegmentSize(connection.options().mssClamp());
    chooseQueue(TCP_SEND_QUEUE);
    calls.setTcp(descriptor, TCP_QUEUE_SEQ, connection.sendStart());
    chooseQueue(TCP_RECV_QUEUE);
    calls.setTcp(descriptor, TCP_QUEUE_SEQ, connection.receiveStart());
    bindAndConnect(connection.local(), connection.peer());
    setNegotiatedOptions(connection.options());
    if (connection.options().timestamps()) {
      calls.setTcp(descriptor, TCP_TIMESTAMP, connection.timestamp());
    }
    for (ByteBuffer part : connection.receiveQueue()) {
      calls.fillQueue(descriptor, part.duplicate());
    }
    if (connection.sent().hasRemaining()) {
      chooseQueue(TCP_SEND_QUEUE);
      calls.fillQueue(descriptor, connection.sent().duplicate());
    }
    calls.setWindow(descriptor, connection.window());
    restoreEnding(connection);
  }

  /**
   * Before connect: it is connect that computes the size of segments from it, and it would stay at
   * TCP's minimum for ever. The option does not reach loopback's 65495, which gets the most it can.
   */
  private void setSegmentSize(int mssClamp) {
    if (mssClamp >= SMALLEST_SEGMENT_BYTES) {
      calls.setTcp(descriptor, TCP_MAXSEG, Math.min(mssClamp, LARGEST_SEGMENT_BYTES));
    }
  }

  /**
   * Without SO_REUSEADDR: repair has put the socket in forced reuse, which that would take away.
   */
  private void bindAndConnect(InetSocketAddress local, InetSocketAddress peer) {
    boolean boundToAddress = bind(local);
    calls.connect(descriptor, peer, inet6);
    if (!boundToAddress && !calls.localAddress(descriptor).equals(local)) {
      throw new TcpRepairException(
          "bind " + local,
          0,
          "the socket keeps its port without an address, and routing chose "
              + calls.localAddress(descriptor)
              + "; route to the peer from the old address");
    }
  }

  /** Returns whether the address is fixed now; else connect chooses it. */
  private boolean bind(InetSocketAddress local) {
    // A socket that was once bound explicitly, or accepted from one that was, keeps its port
    // through the disconnect. There is no asking beforehand: getsockname names the port of one that
    // has lost it, too.
    boolean bound =
        calls.bind(
            descriptor,
            routingChoosesAddress ? SourceAddress.anyWith(local.getPort()) : local,
            inet6);
    return bound && !routingChoosesAddress;
  }

  private void setNegotiatedOptions(NegotiatedOptions options) {
    int[] pairs = new int[8];
    int count = 0;
    if (options.windowScaling()) {
      pairs[count++] = TCPOPT_WINDOW;
      pairs[count++] = options.sendWindowScale() | options.receiveWindowScale() << 16;
    }
    if (options.sack()) {
      pairs[count++] = TCPOPT_SACK_PERM;
      pairs[count++] = 0;
    }
    if (options.timestamps()) {
      pairs[count++] = TCPOPT_TIMESTAMP;
      pairs[count++] = 0;
    }
    pairs[count++] = TCPOPT_MSS;
    pairs[count++] = options.mssClamp();
    calls.setRepairOptions(descriptor, Arrays.copyOf(pairs, count));
  }

  /**
   * The socket stands in ESTABLISHED; FINs and RST take it from there as they once did. Shutting
   * down in repair with the send queue chosen sends nothing but gives the FIN its sequence number.
   */
  private void restoreEnding(Restoration connection) {
    boolean finHasNumber =
        connection.ownFin() == OwnFin.SENT || connection.ownFin() == OwnFin.ACKNOWLEDGED;
    ForgedSegments peer = new ForgedSegments(descriptor, connection);
    if (connection.peerFin() && !connection.ownFinFirst()) {
      deliverFin(peer);
    }
    if (finHasNumber) {
      chooseQueue(TCP_SEND_QUEUE);
      calls.shutdown(descriptor, LinuxConstants.SHUT_WR);
    }
    if (connection.ownFin() == OwnFin.ACKNOWLEDGED) {
      // If it does not arrive, the FIN is sent again in time and the peer answers for itself.
      peer.deliverAcknowledgementOfFin();
    }
    if (connection.peerFin() && connection.ownFinFirst()) {
      deliverFin(peer);
    }
    if (connection.reset()) {
      peer.deliverReset();
    }
  }

  /**
   * If a firewall of the machine itself swallows it, the application still gets its end of file.
   */
  private void deliverFin(ForgedSegments peer) {
    if (!peer.deliverFin()) {
      calls.shutdown(descriptor, LinuxConstants.SHUT_RD);
    }
  }

  private void chooseQueue(int queue) {
    calls.setTcp(descriptor, TCP_REPAIR_QUEUE, queue);
  }
}
