package org.holdfast.wire;

import static org.holdfast.wire.WireFormatException.Code.CONTRADICTION;
import static org.holdfast.wire.WireFormatException.Code.MISSING;
import static org.holdfast.wire.WireFormatException.Code.OUT_OF_BOUNDS;
import static org.holdfast.wire.WireFormatException.Code.UNKNOWN_VALUE;

import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.regex.Pattern;
import org.holdfast.proto.connection.v1.ConnectionState;
import org.holdfast.proto.connection.v1.Window;
import org.holdfast.tcp.NegotiatedOptions;
import org.holdfast.tcp.RoundTripTime;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.tcp.TcpState;
import org.holdfast.tcp.TcpWindow;

/**
 * A connection's state, to the wire and back. Decoding checks all that can be checked without the
 * socket; whether the local address is the VM's own is for the caller.
 *
 * <p>A copy whose connection ended while it was held is sent as TIME_WAIT where both sides said
 * FIN, and as CLOSE with {@code reset_errno} where the peer reset it.
 */
public final class ConnectionCodec {
  /** Longer queues are refused, bytes; far above what net.ipv4.tcp_rmem and tcp_wmem allow. */
  public static final int MAXIMUM_QUEUE_BYTES = 256 * 1024 * 1024;

  /** RFC 7323, 2.3. */
  private static final int MAXIMUM_WINDOW_SCALE = 14;

  private static final int MAXIMUM_SEGMENT_BYTES = 0xffff;

  /** MAX_ERRNO of include/linux/err.h. */
  private static final int MAXIMUM_ERRNO = 4095;

  /** Fits TCP_CA_NAME_MAX of include/net/tcp.h, and goes to setsockopt. */
  private static final Pattern ALGORITHM_NAME = Pattern.compile("[A-Za-z0-9_.-]{0,15}");

  private ConnectionCodec() {}

  /**
   * The message for a snapshot.
   *
   * @throws WireFormatException UNKNOWN_INTERFACE if a link-local address stands on an interface
   *     the resolver does not know
   */
  public static ConnectionState encode(TcpSnapshot snapshot, InterfaceResolver interfaces)
      throws WireFormatException {
    return encode(snapshot, snapshot.socketError(), interfaces);
  }

  /**
   * The message for a snapshot.
   *
   * @param resetErrno what the VM's socket is to report because the peer reset the connection while
   *     it was held, 0 if it did not
   * @throws WireFormatException as above
   */
  public static ConnectionState encode(
      TcpSnapshot snapshot, int resetErrno, InterfaceResolver interfaces)
      throws WireFormatException {
    return ConnectionState.newBuilder()
        .setId(EndpointCodec.encode(snapshot.local(), snapshot.peer(), interfaces))
        .setFamily(encode(snapshot.family()))
        .setState(encode(snapshot.state()))
        .setSendEnd(snapshot.sendEnd())
        .setReceiveEnd(snapshot.receiveEnd())
        .setSendQueueBytes(snapshot.sendQueueBytes())
        .setUnsentBytes(snapshot.unsentBytes())
        .setReceiveQueueBytes(snapshot.receiveQueueBytes())
        .setOptions(encode(snapshot.options()))
        .setTimestamp(snapshot.timestamp())
        .setWindow(encode(snapshot.window()))
        .setRttMicros(snapshot.roundTripTime().smoothedMicros())
        .setRttVarMicros(snapshot.roundTripTime().variationMicros())
        .setCongestionControl(snapshot.congestionControl())
        .setFinQueued(snapshot.state().finQueued())
        .setFinAcknowledged(snapshot.state().finAcknowledged())
        .setFinReceived(snapshot.state().finReceived())
        .setResetErrno(resetErrno)
        .setNodelay(snapshot.noDelay())
        .setKeepalive(snapshot.keepAlive())
        .setUserTimeoutMillis(snapshot.userTimeoutMillis())
        .build();
  }

  /**
   * The snapshot a message describes.
   *
   * @param interfaces of the network namespace in which the connection is to stand
   * @throws WireFormatException for anything that is not a whole and consistent description
   */
  public static TcpSnapshot decode(ConnectionState message, InterfaceResolver interfaces)
      throws WireFormatException {
    SocketFamily family = decode(message.getFamily());
    InetSocketAddress local =
        EndpointCodec.decode(message.getId().getLocal(), "id.local", interfaces);
    InetSocketAddress peer = EndpointCodec.decode(message.getId().getPeer(), "id.peer", interfaces);
    requireFamily(family, local, "id.local.address");
    requireFamily(family, peer, "id.peer.address");
    TcpState state = decode(message.getState(), "state");
    requireConsistent(message, state);
    requireQueues(message);
    return new TcpSnapshot(
        family,
        local,
        peer,
        state,
        message.getSendEnd(),
        message.getReceiveEnd(),
        message.getSendQueueBytes(),
        message.getUnsentBytes(),
        message.getReceiveQueueBytes(),
        decodeOptions(message),
        message.getTimestamp(),
        decodeWindow(message),
        new RoundTripTime(
            bounded(message.getRttMicros(), 0, Integer.MAX_VALUE, "rtt_micros"),
            bounded(message.getRttVarMicros(), 0, Integer.MAX_VALUE, "rtt_var_micros")),
        algorithm(message.getCongestionControl()),
        message.getNodelay(),
        message.getKeepalive(),
        bounded(message.getUserTimeoutMillis(), 0, Integer.MAX_VALUE, "user_timeout_millis"),
        message.getResetErrno());
  }

  /** The wire's name of a state. */
  public static org.holdfast.proto.connection.v1.TcpState encode(TcpState state) {
    return org.holdfast.proto.connection.v1.TcpState.forNumber(state.number());
  }

  /**
   * The state a message names.
   *
   * @param field path of the state, for the exception
   * @throws WireFormatException MISSING for zero, UNKNOWN_VALUE for what this version does not know
   */
  public static TcpState decode(org.holdfast.proto.connection.v1.TcpState state, String field)
      throws WireFormatException {
    return switch (state) {
      case TCP_STATE_UNSPECIFIED -> throw notSaid(field);
      case UNRECOGNIZED -> throw notKnown(field);
      default -> TcpState.of(state.getNumber());
    };
  }

  /** The wire's name of a family. */
  public static org.holdfast.proto.connection.v1.SocketFamily encode(SocketFamily family) {
    return switch (family) {
      case IPV4 -> org.holdfast.proto.connection.v1.SocketFamily.SOCKET_FAMILY_IPV4;
      case IPV6 -> org.holdfast.proto.connection.v1.SocketFamily.SOCKET_FAMILY_IPV6;
      case IPV4_MAPPED -> org.holdfast.proto.connection.v1.SocketFamily.SOCKET_FAMILY_IPV4_MAPPED;
    };
  }

  private static SocketFamily decode(org.holdfast.proto.connection.v1.SocketFamily family)
      throws WireFormatException {
    return switch (family) {
      case SOCKET_FAMILY_UNSPECIFIED -> throw notSaid("family");
      case SOCKET_FAMILY_IPV4 -> SocketFamily.IPV4;
      case SOCKET_FAMILY_IPV6 -> SocketFamily.IPV6;
      case SOCKET_FAMILY_IPV4_MAPPED -> SocketFamily.IPV4_MAPPED;
      case UNRECOGNIZED -> throw notKnown("family");
    };
  }

  private static org.holdfast.proto.connection.v1.NegotiatedOptions encode(
      NegotiatedOptions options) {
    return org.holdfast.proto.connection.v1.NegotiatedOptions.newBuilder()
        .setTimestamps(options.timestamps())
        .setSack(options.sack())
        .setWindowScaling(options.windowScaling())
        .setSendWindowScale(options.sendWindowScale())
        .setReceiveWindowScale(options.receiveWindowScale())
        .setMssClamp(options.mssClamp())
        .setEcn(options.ecn())
        .build();
  }

  private static NegotiatedOptions decodeOptions(ConnectionState message)
      throws WireFormatException {
    if (!message.hasOptions()) {
      throw notSaid("options");
    }
    org.holdfast.proto.connection.v1.NegotiatedOptions options = message.getOptions();
    // Without the option both shifts are zero; the kernel would set other ones all the same.
    int highest = options.getWindowScaling() ? MAXIMUM_WINDOW_SCALE : 0;
    return new NegotiatedOptions(
        options.getTimestamps(),
        options.getSack(),
        options.getWindowScaling(),
        bounded(options.getSendWindowScale(), 0, highest, "options.send_window_scale"),
        bounded(options.getReceiveWindowScale(), 0, highest, "options.receive_window_scale"),
        bounded(options.getMssClamp(), 1, MAXIMUM_SEGMENT_BYTES, "options.mss_clamp"),
        options.getEcn());
  }

  private static Window encode(TcpWindow window) {
    return Window.newBuilder()
        .setSndWl1(window.sendWl1())
        .setSndWnd(window.sendWindow())
        .setMaxWindow(window.maxWindow())
        .setRcvWnd(window.receiveWindow())
        .setRcvWup(window.receiveWindowUpdate())
        .build();
  }

  private static TcpWindow decodeWindow(ConnectionState message) throws WireFormatException {
    if (!message.hasWindow()) {
      throw notSaid("window");
    }
    Window window = message.getWindow();
    if (Integer.compareUnsigned(window.getMaxWindow(), window.getSndWnd()) < 0) {
      throw new WireFormatException(
          CONTRADICTION, "window.max_window", "smaller than the window the peer announces");
    }
    return new TcpWindow(
        window.getSndWl1(),
        window.getSndWnd(),
        window.getMaxWindow(),
        window.getRcvWnd(),
        window.getRcvWup());
  }

  private static void requireFamily(SocketFamily family, InetSocketAddress end, String field)
      throws WireFormatException {
    boolean ipv4 = end.getAddress() instanceof Inet4Address;
    if (ipv4 == (family == SocketFamily.IPV6)) {
      throw new WireFormatException(
          CONTRADICTION, field, (ipv4 ? "IPv4" : "IPv6") + " on a socket of family " + family);
    }
  }

  private static void requireConsistent(ConnectionState message, TcpState state)
      throws WireFormatException {
    int resetErrno = bounded(message.getResetErrno(), 0, MAXIMUM_ERRNO, "reset_errno");
    if ((state == TcpState.CLOSE) != (resetErrno != 0)) {
      throw new WireFormatException(
          CONTRADICTION, "reset_errno", resetErrno + " with a connection in state " + state);
    }
    if (message.getFinQueued() != state.finQueued()
        || message.getFinAcknowledged() != state.finAcknowledged()
        || message.getFinReceived() != state.finReceived()) {
      throw new WireFormatException(
          CONTRADICTION, "state", state + " does not agree with the FIN fields");
    }
  }

  private static void requireQueues(ConnectionState message) throws WireFormatException {
    int sendQueue =
        bounded(message.getSendQueueBytes(), 0, MAXIMUM_QUEUE_BYTES, "send_queue_bytes");
    bounded(message.getReceiveQueueBytes(), 0, MAXIMUM_QUEUE_BYTES, "receive_queue_bytes");
    bounded(message.getUnsentBytes(), 0, sendQueue, "unsent_bytes");
  }

  private static String algorithm(String name) throws WireFormatException {
    if (!ALGORITHM_NAME.matcher(name).matches()) {
      throw new WireFormatException(
          OUT_OF_BOUNDS, "congestion_control", "not the name of an algorithm of Linux");
    }
    return name;
  }

  private static int bounded(int value, int lowest, int highest, String field)
      throws WireFormatException {
    if (value < lowest || value > highest) {
      throw new WireFormatException(
          OUT_OF_BOUNDS,
          field,
          Integer.toUnsignedString(value) + " is not " + lowest + " to " + highest);
    }
    return value;
  }

  private static WireFormatException notSaid(String field) {
    return new WireFormatException(MISSING, field, "a value is needed");
  }

  private static WireFormatException notKnown(String field) {
    return new WireFormatException(
        UNKNOWN_VALUE, field, "a value this version does not know; is the other side newer?");
  }
}
