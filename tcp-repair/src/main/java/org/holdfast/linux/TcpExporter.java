package org.holdfast.linux;

import static org.holdfast.linux.LinuxConstants.SIOCINQ;
import static org.holdfast.linux.LinuxConstants.SIOCOUTQ;
import static org.holdfast.linux.LinuxConstants.SO_KEEPALIVE;
import static org.holdfast.linux.LinuxConstants.SO_PEEK_OFF;
import static org.holdfast.linux.LinuxConstants.TCP_MAXSEG;
import static org.holdfast.linux.LinuxConstants.TCP_NODELAY;
import static org.holdfast.linux.LinuxConstants.TCP_QUEUE_SEQ;
import static org.holdfast.linux.LinuxConstants.TCP_RECV_QUEUE;
import static org.holdfast.linux.LinuxConstants.TCP_REPAIR_QUEUE;
import static org.holdfast.linux.LinuxConstants.TCP_SEND_QUEUE;
import static org.holdfast.linux.LinuxConstants.TCP_TIMESTAMP;
import static org.holdfast.linux.LinuxConstants.TCP_USER_TIMEOUT;

import java.net.InetSocketAddress;
import org.holdfast.tcp.NegotiatedOptions;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpRepairException;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.tcp.TcpState;
import org.holdfast.tcp.TcpWindow;
import org.holdfast.tcp.TimestampClock;
import org.holdfast.tcp.UrgentDataException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a socket that is in repair. A segment or an acknowledgement that comes between two calls
 * would make their answers disagree; then everything is read again.
 */
final class TcpExporter {
  private static final int ATTEMPTS = 20;

  /**
   * A segment that the peer has acknowledged in part still stands whole at the head of the send
   * queue; so a queue can give more than it counts, by less than the largest segment.
   */
  private static final int PARTLY_ACKNOWLEDGED_BYTES = 1 << 16;

  private final TcpCalls calls = TcpCalls.ofThread();
  private final QueueMemory receiveMemory = new QueueMemory();
  private final QueueMemory sendMemory = new QueueMemory();

  /** What is done about the receive queue. */
  enum Unread {
    READ,
    COUNTED
  }

  /** Who the socket speaks for; does not change while it lives. */
  record Identity(SocketFamily family, InetSocketAddress local, InetSocketAddress peer) {}

  /** What applications set: a copy's are known, and a socket that is conformed keeps its own. */
  record Settings(
      String congestionControl, boolean noDelay, boolean keepAlive, int userTimeoutMillis) {
    /** For a reading that nobody asks them of. */
    static final Settings NOT_READ = new Settings("", false, false, 0);

    static Settings of(TcpSnapshot snapshot) {
      return new Settings(
          snapshot.congestionControl(),
          snapshot.noDelay(),
          snapshot.keepAlive(),
          snapshot.userTimeoutMillis());
    }
  }

  /**
   * @param known settings that need not be read, or null
   * @param unread what is done about bytes that the application has not read
   * @throws TcpRepairException if the state cannot be exported, urgent data is pending, or the
   *     socket does not stand still
   */
  TcpExport read(int descriptor, Identity identity, @Nullable Settings known, Unread unread) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      calls.setTcp(descriptor, TCP_REPAIR_QUEUE, TCP_RECV_QUEUE);
      int receiveNext = calls.getTcp(descriptor, TCP_QUEUE_SEQ);
      TcpInfo info = calls.info(descriptor);
      requireExportable(descriptor, info.state());
      int receiveBytes =
          unread == Unread.COUNTED
              ? calls.ioctl(descriptor, SIOCINQ)
              : readReceiveQueue(descriptor);
      TcpWindow window = calls.window(descriptor);
      if (calls.getTcp(descriptor, TCP_QUEUE_SEQ) != receiveNext || receiveBytes < 0) {
        continue;
      }
      calls.setTcp(descriptor, TCP_REPAIR_QUEUE, TCP_SEND_QUEUE);
      int writeEnd = calls.getTcp(descriptor, TCP_QUEUE_SEQ);
      boolean finInQueue = info.state().finQueued() && !info.state().finAcknowledged();
      int sendBytes = calls.ioctl(descriptor, SIOCOUTQ) - (finInQueue ? 1 : 0);
      if (sendBytes < 0) {
        continue; // the FIN was acknowledged meanwhile: the state is another
      }
      int sendFrom = readSendQueue(descriptor, sendBytes);
      if (sendFrom < 0) {
        continue;
      }
      TcpSnapshot snapshot =
          snapshot(
              descriptor,
              identity,
              known == null ? settings(calls, descriptor) : known,
              info,
              window,
              receiveNext,
              receiveBytes,
              writeEnd,
              sendBytes);
      return new TcpExport(
          snapshot,
          receiveMemory.view(0, unread == Unread.COUNTED ? 0 : receiveBytes),
          sendMemory.view(sendFrom, sendBytes));
    }
    throw new TcpRepairException(
        "export", 0, "segments keep arriving; fence the port before exporting");
  }

  /**
   * Reads what a copy has received whose connection has ended: the kernel forgets the peer and the
   * send queue then, but keeps what was received.
   *
   * @param receiveStart of the copy, which nobody reads from
   */
  TcpExport readEnded(int descriptor, TcpSnapshot recreated, int receiveStart, int error) {
    calls.setTcp(descriptor, TCP_REPAIR_QUEUE, TCP_RECV_QUEUE);
    int counted = calls.ioctl(descriptor, SIOCINQ);
    int receiveBytes =
        calls.peek(descriptor, receiveMemory.atLeast(Math.max(1, counted)), Math.max(1, counted));
    TcpSnapshot snapshot =
        new TcpSnapshot(
            recreated.family(),
            recreated.local(),
            recreated.peer(),
            error == 0 ? TcpState.TIME_WAIT : TcpState.CLOSE,
            recreated.sendEnd(),
            receiveStart + receiveBytes,
            0,
            0,
            receiveBytes,
            recreated.options(),
            timestamp(descriptor, calls.info(descriptor)),
            recreated.window(),
            recreated.roundTripTime(),
            recreated.congestionControl(),
            recreated.noDelay(),
            recreated.keepAlive(),
            recreated.userTimeoutMillis(),
            error);
    return new TcpExport(snapshot, receiveMemory.view(0, receiveBytes), sendMemory.view(0, 0));
  }

  private void requireExportable(int descriptor, TcpState state) {
    if (!state.isManageable()) {
      throw new TcpRepairException(
          "export", 0, "a socket in state " + state + " cannot be exported; leave it to TCP");
    }
    if ((calls.poll(descriptor, TcpCalls.POLLPRI) & TcpCalls.POLLPRI) != 0) {
      throw new UrgentDataException();
    }
  }

  /** Returns the queue's length, or -1 if it changed while being read. */
  private int readReceiveQueue(int descriptor) {
    int bytes = calls.ioctl(descriptor, SIOCINQ);
    if (bytes == 0) {
      return 0;
    }
    // Where the application has set an offset for its own peeking, peeking moves it (Linux 6.9).
    int peekOffset = calls.getSocketOr(descriptor, SO_PEEK_OFF, -1);
    if (peekOffset >= 0) {
      calls.setSocket(descriptor, SO_PEEK_OFF, -1);
    }
    try {
      int read = calls.peek(descriptor, receiveMemory.atLeast(bytes), bytes);
      return read == bytes ? bytes : -1;
    } finally {
      if (peekOffset >= 0) {
        calls.setSocket(descriptor, SO_PEEK_OFF, peekOffset);
      }
    }
  }

  /** Returns where the queue begins in the memory, or -1 if it changed while being read. */
  private int readSendQueue(int descriptor, int bytes) {
    if (bytes == 0) {
      return 0;
    }
    int room = bytes + PARTLY_ACKNOWLEDGED_BYTES;
    int read = calls.peek(descriptor, sendMemory.atLeast(room), room);
    return read < bytes || read > room ? -1 : read - bytes;
  }

  /** Asks the kernel for what the application has set. */
  static Settings settings(TcpCalls calls, int descriptor) {
    return new Settings(
        calls.congestionControl(descriptor),
        calls.getTcp(descriptor, TCP_NODELAY) != 0,
        calls.getSocket(descriptor, SO_KEEPALIVE) != 0,
        calls.getTcp(descriptor, TCP_USER_TIMEOUT));
  }

  private TcpSnapshot snapshot(
      int descriptor,
      Identity identity,
      Settings settings,
      TcpInfo info,
      TcpWindow window,
      int receiveNext,
      int receiveBytes,
      int writeEnd,
      int sendBytes) {
    TcpState state = info.state();
    NegotiatedOptions options =
        new NegotiatedOptions(
            info.has(LinuxConstants.TCPI_OPT_TIMESTAMPS),
            info.has(LinuxConstants.TCPI_OPT_SACK),
            info.has(LinuxConstants.TCPI_OPT_WSCALE),
            info.sendWindowScale(),
            info.receiveWindowScale(),
            calls.getTcp(descriptor, TCP_MAXSEG),
            info.has(LinuxConstants.TCPI_OPT_ECN));
    int finUnsent = state.finQueued() && info.notSentBytes() > 0 ? 1 : 0;
    return new TcpSnapshot(
        identity.family(),
        identity.local(),
        identity.peer(),
        state,
        state.finQueued() ? writeEnd - 1 : writeEnd,
        state.finReceived() ? receiveNext - 1 : receiveNext,
        sendBytes,
        Math.min(info.notSentBytes() - finUnsent, sendBytes),
        receiveBytes,
        options,
        timestamp(descriptor, info),
        window,
        info.roundTripTime(),
        settings.congestionControl(),
        settings.noDelay(),
        settings.keepAlive(),
        settings.userTimeoutMillis(),
        0);
  }

  private int timestamp(int descriptor, TcpInfo info) {
    return TimestampClock.of(
        calls.getTcp(descriptor, TCP_TIMESTAMP), info.has(LinuxConstants.TCPI_OPT_USEC_TS));
  }
}
