package org.holdfast.linux;

import static org.holdfast.linux.LinuxConstants.SO_ERROR;
import static org.holdfast.linux.LinuxConstants.SO_KEEPALIVE;
import static org.holdfast.linux.LinuxConstants.SO_RCVBUFFORCE;
import static org.holdfast.linux.LinuxConstants.SO_REUSEADDR;
import static org.holdfast.linux.LinuxConstants.SO_SNDBUFFORCE;
import static org.holdfast.linux.LinuxConstants.TCP_NODELAY;
import static org.holdfast.linux.LinuxConstants.TCP_REPAIR;
import static org.holdfast.linux.LinuxConstants.TCP_REPAIR_OFF;
import static org.holdfast.linux.LinuxConstants.TCP_REPAIR_OFF_NO_WP;
import static org.holdfast.linux.LinuxConstants.TCP_REPAIR_ON;
import static org.holdfast.linux.LinuxConstants.TCP_USER_TIMEOUT;

import java.nio.ByteBuffer;
import java.util.List;
import org.holdfast.linux.TcpCalls.Sending;
import org.holdfast.tcp.OwnFin;
import org.holdfast.tcp.Reconciliation;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.Restoration;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpRepairException;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.tcp.TcpState;
import org.jspecify.annotations.Nullable;

/** {@link RepairSocket} on Linux: TCP_REPAIR (since Linux 3.5; half-closed states since 4.10). */
final class LinuxRepairSocket implements RepairSocket {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /**
   * Answers of {@link #export}, and readings of {@link #conform}, which must not overwrite them.
   */
  private static final ThreadLocal<TcpExporter> EXPORTER =
      ThreadLocal.withInitial(TcpExporter::new);

  private static final ThreadLocal<TcpExporter> CONFORMING_EXPORTER =
      ThreadLocal.withInitial(TcpExporter::new);

  private final int descriptor;
  private final boolean inet6;
  private final Patience patience;
  private TcpExporter.@Nullable Identity identity;
  private boolean inRepair;
  private boolean reuseAddress;
  private @Nullable KeptOptions kept;
  private @Nullable CopyOrigin origin;
  private ByteBuffer unsent = NOTHING;
  private boolean finOnRelease;
  private boolean readShutDown;
  private boolean readersToTell;

  LinuxRepairSocket(int descriptor, boolean inet6) {
    this.descriptor = descriptor;
    this.inet6 = inet6;
    this.patience = new Patience(descriptor);
  }

  LinuxRepairSocket(int descriptor, boolean inet6, TcpExporter.Identity identity) {
    this(descriptor, inet6);
    this.identity = identity;
  }

  /** Goes on with a copy that another process has made and somebody has kept open. */
  static LinuxRepairSocket goingOn(int descriptor, TcpSnapshot original) {
    LinuxRepairSocket copy =
        new LinuxRepairSocket(
            descriptor,
            original.family() == SocketFamily.IPV6,
            new TcpExporter.Identity(original.family(), original.local(), original.peer()));
    copy.origin = CopyOrigin.found(descriptor, original);
    copy.inRepair = TcpCalls.ofThread().getTcp(descriptor, TCP_REPAIR) != 0;
    return copy;
  }

  @Override
  public int descriptor() {
    return descriptor;
  }

  @Override
  public TcpState state() {
    return TcpCalls.ofThread().info(descriptor).state();
  }

  @Override
  public TcpExport export(AfterExport after) {
    enterRepair();
    boolean done = false;
    try {
      CopyOrigin copyOf = origin;
      TcpExporter.Settings known =
          copyOf == null ? null : TcpExporter.Settings.of(copyOf.snapshot());
      TcpExport export = read(EXPORTER.get(), known, TcpExporter.Unread.READ);
      if (after == AfterExport.LEAVE_SILENTLY) {
        patience.begin(export.snapshot());
      }
      done = true;
      return export;
    } finally {
      if (!done || after == AfterExport.LEAVE_SILENTLY) {
        leaveRepair(TCP_REPAIR_OFF_NO_WP);
      }
    }
  }

  @Override
  public ReadAhead readAhead(Stillness stillness) {
    if (stillness == Stillness.OWNERS_STAND) {
      return SocketReadAhead.ofSettings(descriptor);
    }
    SocketReadAhead ahead = SocketReadAhead.ofOptions(descriptor, identity());
    enterRepair(ahead.reuseAddress());
    try {
      ahead.keep(readOwn());
    } finally {
      leaveRepair(TCP_REPAIR_OFF_NO_WP);
    }
    return ahead;
  }

  @Override
  public TcpExport exportOriginal(ReadAhead before) {
    SocketReadAhead ahead = (SocketReadAhead) before;
    enterRepair(ahead.reuseAddress());
    try {
      TcpExport export = read(EXPORTER.get(), ahead.settings(), TcpExporter.Unread.COUNTED);
      patience.begin(export.snapshot());
      return export;
    } finally {
      leaveRepair(TCP_REPAIR_OFF_NO_WP);
    }
  }

  private TcpExport readOwn() {
    return read(CONFORMING_EXPORTER.get(), TcpExporter.Settings.NOT_READ, TcpExporter.Unread.READ);
  }

  private TcpExport read(
      TcpExporter exporter, TcpExporter.@Nullable Settings known, TcpExporter.Unread unread) {
    CopyOrigin copyOf = origin;
    if (copyOf != null && state() == TcpState.CLOSE) {
      return copyOf.readEnded(exporter);
    }
    return exporter.read(descriptor, identity(), known, unread);
  }

  private TcpExporter.Identity identity() {
    TcpExporter.Identity who = identity;
    if (who == null) {
      throw new TcpRepairException("export", 0, "the socket was created and never connected");
    }
    return who;
  }

  @Override
  public void goOn(int userTimeoutMillis) {
    TcpCalls calls = TcpCalls.ofThread();
    if (calls.getTcp(descriptor, TCP_REPAIR) != 0) {
      calls.setTcp(descriptor, TCP_REPAIR, TCP_REPAIR_OFF_NO_WP);
    }
    patience.goOn(userTimeoutMillis);
    if (patience.isFoundIncomplete()) {
      calls.disconnect(descriptor); // with a gap in what was written neither end may go on
    }
  }

  @Override
  public void recreate(TcpExport export, int bufferBytes) {
    Restoration connection = Restoration.ofExport(export);
    TcpSnapshot snapshot = export.snapshot();
    TcpCalls calls = TcpCalls.ofThread();
    enterRepair(false); // a fresh socket: nobody has set SO_REUSEADDR
    // Buffers first: a full one would refuse the queues. The kernel doubles the numbers itself.
    long promised = Integer.toUnsignedLong(connection.window().receiveWindow());
    long receiving = Math.max(bufferBytes, snapshot.receiveQueueBytes() + promised);
    int sending = Math.max(bufferBytes, snapshot.sendQueueBytes() + (1 << 16));
    calls.setSocket(descriptor, SO_RCVBUFFORCE, (int) Math.min(receiving, Integer.MAX_VALUE / 2));
    calls.setSocket(descriptor, SO_SNDBUFFORCE, sending);
    setOptionsOfCopy(calls, snapshot);
    new TcpRestorer(descriptor, inet6, false).restore(connection);
    identity = new TcpExporter.Identity(snapshot.family(), snapshot.local(), snapshot.peer());
    origin = new CopyOrigin(descriptor, snapshot, connection.receiveStart());
    keepForRelease(connection);
  }

  /**
   * The copy is patient beyond any application: it must not give up because a peer is silent, or
   * because the copy's own FIN is kept from the wire.
   */
  private void setOptionsOfCopy(TcpCalls calls, TcpSnapshot snapshot) {
    if (!snapshot.congestionControl().isEmpty()) {
      calls.setCongestionControl(descriptor, snapshot.congestionControl());
    }
    if (snapshot.noDelay()) {
      calls.setTcp(descriptor, TCP_NODELAY, 1);
    }
    if (snapshot.keepAlive()) {
      calls.setSocket(descriptor, SO_KEEPALIVE, 1);
    }
    calls.setTcp(descriptor, TCP_USER_TIMEOUT, Patience.longest(snapshot));
  }

  @Override
  public int peekReceived(ByteBuffer into) {
    return origin().peek(into, inRepair);
  }

  @Override
  public void discardReceived(int bytes) {
    origin().discard(bytes);
  }

  @Override
  public int discardedBytes() {
    return origin().discardedBytes();
  }

  private CopyOrigin origin() {
    if (origin == null) {
      throw new IllegalStateException("not a copy");
    }
    return origin;
  }

  @Override
  public Conformed conform(TcpSnapshot reached, List<ByteBuffer> received, ReadAhead before) {
    SocketReadAhead ahead = (SocketReadAhead) before;
    KeptOptions options = ahead.kept();
    enterRepair(ahead.reuseAddress());
    TcpExport own;
    Reconciliation.Result result;
    boolean readingShutDown;
    boolean done = false;
    try {
      TcpExport early = ahead.own();
      own = early == null ? readOwn() : early;
      result = Reconciliation.of(own, reached, received);
      readingShutDown = ahead.readHangUp() && !own.snapshot().state().finReceived();
      done = true;
    } finally {
      if (!done) {
        leaveRepair(TCP_REPAIR_OFF_NO_WP);
      }
    }
    Restoration connection = result.restoration();
    boolean goesOn = result.onlyReceived() && !ahead.isUnanswered();
    inRepairOrLost(
        () -> {
          options.raiseBuffers(connection);
          if (goesOn) {
            new TcpContinuation(descriptor).goOn(connection, result.received());
          } else {
            patience.noteComplete(false);
            LossHistory.forget(descriptor, own);
            restoreInPlace(connection, options, ahead.routingChoosesAddress());
          }
        });
    kept = options;
    readersToTell = goesOn && result.handedOver() > 0;
    readShutDown = readingShutDown && !goesOn;
    keepForRelease(connection);
    if (!goesOn && !unsent.hasRemaining() && !finOnRelease) {
      patience.noteComplete(true);
    }
    return result.report(options.autoTuningLost());
  }

  private void restoreInPlace(
      Restoration connection, KeptOptions options, boolean routingChoosesAddress) {
    TcpCalls calls = TcpCalls.ofThread();
    calls.disconnect(descriptor);
    calls.getSocket(descriptor, SO_ERROR); // reading it clears ECONNABORTED
    new TcpRestorer(descriptor, inet6, routingChoosesAddress).restore(connection);
    options.putBackWindowClamp();
  }

  private void inRepairOrLost(Runnable step) {
    boolean done = false;
    try {
      step.run();
      done = true;
    } finally {
      if (!done) {
        // The connection is lost; in repair, the application would not even learn that.
        leaveRepair(TCP_REPAIR_OFF_NO_WP);
      }
    }
  }

  /** See {@link LinuxTcpSockets#forgetMemory}. */
  static void forgetMemory() {
    EXPORTER.remove();
    CONFORMING_EXPORTER.remove();
  }

  /** The bytes are the thread's memory, which the next socket will overwrite: they are copied. */
  private void keepForRelease(Restoration connection) {
    finOnRelease = connection.ownFin() == OwnFin.ON_RELEASE;
    unsent = NOTHING;
    if (connection.unsent().hasRemaining()) {
      unsent = ByteBuffer.allocateDirect(connection.unsent().remaining());
      unsent.put(connection.unsent().duplicate()).flip();
    }
  }

  @Override
  public void release() {
    TcpCalls calls = TcpCalls.ofThread();
    leaveRepair(TCP_REPAIR_OFF);
    try {
      if (state() != TcpState.CLOSE) {
        sendOrEnd(unsent);
      }
      Shutdown.again(descriptor, finOnRelease, readShutDown);
    } finally {
      KeptOptions options = kept;
      if (options != null) {
        options.putBackTheRest();
        if (readersToTell) {
          options.tellReaders();
        }
      }
      patience.end();
      unsent = NOTHING;
      finOnRelease = false;
      readShutDown = false;
      readersToTell = false;
      kept = null;
    }
  }

  /** With a gap in what was written neither end may go on. */
  private void sendOrEnd(ByteBuffer unsent) {
    boolean done = false;
    try {
      send(unsent);
      done = true;
    } finally {
      if (!done && origin == null) {
        TcpCalls.ofThread().disconnect(descriptor);
      }
    }
  }

  @Override
  public void append(ByteBuffer more) {
    send(more.duplicate());
  }

  private void send(ByteBuffer unsent) {
    if (UnsentBytes.send(descriptor, unsent) == Sending.ENDED && origin != null) {
      origin.wasReset(); // should this very call have been told of it
    }
  }

  private void enterRepair() {
    if (!inRepair) {
      enterRepair(TcpCalls.ofThread().getSocket(descriptor, SO_REUSEADDR) != 0);
    }
  }

  /**
   * @param reusing SO_REUSEADDR, which leaving repair clears
   */
  private void enterRepair(boolean reusing) {
    if (!inRepair) {
      TcpCalls.ofThread().setTcp(descriptor, TCP_REPAIR, TCP_REPAIR_ON);
      reuseAddress = reusing;
      inRepair = true;
    }
  }

  /** Leaving repair clears SO_REUSEADDR (do_tcp_setsockopt). */
  private void leaveRepair(int how) {
    TcpCalls calls = TcpCalls.ofThread();
    calls.setTcp(descriptor, TCP_REPAIR, how);
    inRepair = false;
    if (reuseAddress) {
      calls.setSocket(descriptor, SO_REUSEADDR, 1);
    }
  }

  @Override
  public void close() {
    patience.end();
    Descriptors.close(descriptor);
  }
}
