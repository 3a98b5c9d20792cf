package org.holdfast.linux;

import static org.holdfast.linux.LinuxConstants.IPPROTO_IPV6;
import static org.holdfast.linux.LinuxConstants.IPV6_V6ONLY;
import static org.holdfast.linux.LinuxConstants.SO_REUSEADDR;

import java.nio.ByteBuffer;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpExport;
import org.jspecify.annotations.Nullable;

/** What a blackout need not read, because nobody can have changed it. */
final class SocketReadAhead implements RepairSocket.ReadAhead {
  /** Longer queues are not copied for it: they are read when they are needed. */
  private static final int LONGEST_QUEUE_BYTES = 1 << 18;

  private final boolean reuseAddress;
  private final TcpExporter.Settings settings;
  private @Nullable KeptOptions kept;
  private @Nullable TcpExport own;
  private boolean unanswered;
  private boolean readHangUp;
  private boolean routingChoosesAddress;

  private SocketReadAhead(boolean reuseAddress, TcpExporter.Settings settings) {
    this.reuseAddress = reuseAddress;
    this.settings = settings;
  }

  /** What only the application can change, as far as an export needs it. */
  static SocketReadAhead ofSettings(int descriptor) {
    TcpCalls calls = TcpCalls.ofThread();
    return new SocketReadAhead(
        calls.getSocket(descriptor, SO_REUSEADDR) != 0, TcpExporter.settings(calls, descriptor));
  }

  /**
   * What only the application can change, as far as conforming needs it, and what routing says.
   *
   * @param who the socket speaks for
   */
  static SocketReadAhead ofOptions(int descriptor, TcpExporter.Identity who) {
    TcpCalls calls = TcpCalls.ofThread();
    SocketReadAhead ahead =
        new SocketReadAhead(
            calls.getSocket(descriptor, SO_REUSEADDR) != 0, TcpExporter.Settings.NOT_READ);
    ahead.kept = new KeptOptions(descriptor);
    ahead.unanswered = calls.info(descriptor).unanswered();
    // To find this out costs as many calls as all the rest of it.
    ahead.routingChoosesAddress =
        who.family() == SocketFamily.IPV6
            && calls.get(descriptor, IPPROTO_IPV6, IPV6_V6ONLY) == 0
            && SourceAddress.chosenFor(descriptor, who.peer()).equals(who.local().getAddress());
    ahead.readHangUp = (calls.poll(descriptor, TcpCalls.POLLRDHUP) & TcpCalls.POLLRDHUP) != 0;
    return ahead;
  }

  /** Keeps a copy of the socket's own state, unless that is large. */
  void keep(TcpExport export) {
    if (export.receiveQueue().remaining() <= LONGEST_QUEUE_BYTES
        && export.sendQueue().remaining() <= LONGEST_QUEUE_BYTES) {
      own = new TcpExport(export.snapshot(), copy(export.receiveQueue()), copy(export.sendQueue()));
    }
  }

  private static ByteBuffer copy(ByteBuffer bytes) {
    return ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
  }

  boolean reuseAddress() {
    return reuseAddress;
  }

  TcpExporter.Settings settings() {
    return settings;
  }

  KeptOptions kept() {
    KeptOptions options = kept;
    if (options == null) {
      throw new IllegalStateException("read ahead for an export, used to conform");
    }
    return options;
  }

  /** The socket's own state, if it was kept. */
  @Nullable TcpExport own() {
    return own;
  }

  /**
   * Whether it has sent what nobody answered: it would give its connection up the sooner for that.
   */
  boolean isUnanswered() {
    return unanswered;
  }

  /** Whether it accepts both families, and gets its old address without being bound to it. */
  boolean routingChoosesAddress() {
    return routingChoosesAddress;
  }

  /** Whether its end of file can be read: the peer's FIN, or a shutdown by the application. */
  boolean readHangUp() {
    return readHangUp;
  }
}
