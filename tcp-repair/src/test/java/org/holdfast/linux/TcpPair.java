package org.holdfast.linux;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.holdfast.linux.NetworkNamespaces.Place;
import org.holdfast.tcp.NegotiatedOptions;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.RoundTripTime;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.tcp.TcpState;
import org.holdfast.tcp.TcpWindow;

/** Both ends of a connection between GUEST and PEER, as their applications have them. */
public record TcpPair(SocketFamily family, AppSocket guest, AppSocket peer)
    implements AutoCloseable {
  private static final int SERVER_PORT = 7000;
  private static final int WINDOW_BYTES = 65535;
  private static final int SEGMENT_BYTES = 1460;
  private static final LinuxTcpSockets SOCKETS = new LinuxTcpSockets();

  /** Connects from PEER to a server in GUEST; {@code family} is that of the server's socket. */
  public static TcpPair connect(NetworkNamespaces network, SocketFamily family) {
    InetSocketAddress server = NetworkNamespaces.address(Place.GUEST, family, SERVER_PORT);
    AppSocket listener = network.in(Place.GUEST).call(() -> AppSocket.listen(family, server));
    SocketFamily peerFamily = family == SocketFamily.IPV6 ? family : SocketFamily.IPV4;
    AppSocket peer = network.in(Place.PEER).call(() -> AppSocket.create(peerFamily));
    peer.connect(server);
    AppSocket guest = listener.accept(family);
    listener.close();
    return new TcpPair(family, guest, peer);
  }

  /** Connects from GUEST to a server in PEER: the guest's application is the client. */
  public static TcpPair connectOut(NetworkNamespaces network, SocketFamily family) {
    InetSocketAddress server = NetworkNamespaces.address(Place.PEER, family, SERVER_PORT);
    AppSocket listener = network.in(Place.PEER).call(() -> AppSocket.listen(family, server));
    AppSocket guest = network.in(Place.GUEST).call(() -> AppSocket.create(family));
    guest.connect(server);
    AppSocket peer = listener.accept(family);
    listener.close();
    return new TcpPair(family, guest, peer);
  }

  /**
   * Makes a connection that never had a handshake: any sequence numbers, any options.
   *
   * @param guestSequence of the guest's next byte
   * @param peerSequence of the peer's next byte
   * @param options as the guest sees them
   */
  public static TcpPair fabricate(
      NetworkNamespaces network,
      SocketFamily family,
      int guestSequence,
      int peerSequence,
      NegotiatedOptions options) {
    InetSocketAddress guest = NetworkNamespaces.address(Place.GUEST, family, SERVER_PORT);
    InetSocketAddress peer = NetworkNamespaces.address(Place.PEER, family, SERVER_PORT + 1);
    NegotiatedOptions mirrored =
        new NegotiatedOptions(
            options.timestamps(),
            options.sack(),
            options.windowScaling(),
            options.receiveWindowScale(),
            options.sendWindowScale(),
            options.mssClamp(),
            options.ecn());
    TcpExport guestEnd = idle(family, guest, peer, guestSequence, peerSequence, options);
    TcpExport peerEnd = idle(family, peer, guest, peerSequence, guestSequence, mirrored);
    RepairSocket guestSocket = fabricateEnd(network, Place.GUEST, guestEnd);
    RepairSocket peerSocket = fabricateEnd(network, Place.PEER, peerEnd);
    guestSocket.release();
    peerSocket.release();
    return new TcpPair(
        family,
        AppSocket.of(guestSocket.descriptor(), family),
        AppSocket.of(peerSocket.descriptor(), family));
  }

  private static RepairSocket fabricateEnd(
      NetworkNamespaces network, Place place, TcpExport export) {
    return network
        .in(place)
        .call(
            () -> {
              RepairSocket socket = SOCKETS.create(export.snapshot().family());
              socket.recreate(export, 1 << 20);
              return socket;
            });
  }

  private static TcpExport idle(
      SocketFamily family,
      InetSocketAddress local,
      InetSocketAddress peer,
      int sequence,
      int peerSequence,
      NegotiatedOptions options) {
    TcpWindow window =
        new TcpWindow(peerSequence, WINDOW_BYTES, WINDOW_BYTES, WINDOW_BYTES, peerSequence);
    TcpSnapshot snapshot =
        new TcpSnapshot(
            family,
            local,
            peer,
            TcpState.ESTABLISHED,
            sequence,
            peerSequence,
            0,
            0,
            0,
            options,
            1000,
            window,
            new RoundTripTime(0, 0),
            "cubic",
            false,
            false,
            0,
            0);
    return new TcpExport(snapshot, ByteBuffer.allocate(0), ByteBuffer.allocate(0));
  }

  /** Options that two Linux hosts agree on by default. */
  public static NegotiatedOptions usualOptions(int sendWindowScale, int receiveWindowScale) {
    return new NegotiatedOptions(
        true, true, true, sendWindowScale, receiveWindowScale, SEGMENT_BYTES, false);
  }

  /** The guest's socket as an agent has it: another descriptor of the same. */
  public RepairSocket adoptGuest() {
    return guest.adopt();
  }

  @Override
  public void close() {
    List.of(guest, peer).forEach(AppSocket::close);
  }
}
