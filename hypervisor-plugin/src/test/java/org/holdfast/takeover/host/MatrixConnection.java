package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.holdfast.linux.AppSocket;
import org.holdfast.takeover.matrix.MatrixScript;
import org.holdfast.takeover.matrix.MatrixScript.Moment;
import org.holdfast.takeover.matrix.MatrixScript.Who;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpState;

/** A connection of one script, both of its ends. */
final class MatrixConnection implements AutoCloseable {
  /** FINs of the guest from this port are lost until the test says otherwise. */
  static final int LOSSY_PORT = 7001;

  private static final int PORT = 7000;
  private static final int SO_RCVBUF = 8;
  private final MatrixScript script;
  private final MatrixEnd guest;
  private final MatrixEnd peer;

  private MatrixConnection(
      MatrixScript script, DyingOwners owners, AppSocket guest, AppSocket peer) {
    this.script = script;
    this.guest = new MatrixEnd(guest, owners, 1000L * script.hashCode());
    this.peer = new MatrixEnd(peer, owners, 1000L * script.hashCode() + 500);
    this.guest.meets(this.peer);
    this.peer.meets(this.guest);
  }

  /** Servers of a family, one that loses FINs and one that does not. */
  record Servers(AppSocket usual, AppSocket lossy) implements AutoCloseable {
    static Servers listen(TestNetwork network, SocketFamily family) {
      return network
          .guest()
          .call(
              () ->
                  new Servers(
                      AppSocket.listen(family, address(family, PORT)),
                      AppSocket.listen(family, address(family, LOSSY_PORT))));
    }

    @Override
    public void close() {
      usual.close();
      lossy.close();
    }
  }

  private static InetSocketAddress address(SocketFamily family, int port) {
    InetAddress address =
        TestNetwork.address(family == SocketFamily.IPV6 ? "fd77:0::1" : "10.77.0.1");
    return new InetSocketAddress(address, port);
  }

  static MatrixConnection connect(
      TestNetwork network, Servers servers, DyingOwners owners, MatrixScript script) {
    boolean lossy = script.losesFin();
    AppSocket peer = network.peer().call(() -> AppSocket.create(script.family()));
    if (script.queued()) {
      peer.setOption(1, SO_RCVBUF, MatrixScript.SMALL_RECEIVE_BUFFER_BYTES);
    }
    peer.connect(address(script.family(), lossy ? LOSSY_PORT : PORT));
    AppSocket guest = (lossy ? servers.lossy() : servers.usual()).accept(script.family());
    guest.forceSendBuffer(MatrixScript.SEND_BUFFER_BYTES);
    peer.forceSendBuffer(MatrixScript.SEND_BUFFER_BYTES);
    return new MatrixConnection(script, owners, guest, peer);
  }

  MatrixScript script() {
    return script;
  }

  MatrixEnd guest() {
    return guest;
  }

  MatrixEnd peer() {
    return peer;
  }

  /** Fills the queues and begins to go to the state. */
  void prepare() {
    TcpState state = script.state();
    if (script.queued()) {
      peer.write(script.unreadBytes());
      guest.write(script.unsentBytes());
    }
    switch (state) {
      case CLOSE_WAIT, LAST_ACK -> peer.shutDown();
      case FIN_WAIT1, FIN_WAIT2, CLOSING -> guest.shutDown();
      default -> {}
    }
  }

  /** Goes the rest of the way. */
  void prepareFurther() {
    switch (script.state()) {
      case LAST_ACK -> {
        await(TcpState.CLOSE_WAIT);
        guest.shutDown();
      }
      case CLOSING -> {
        await(TcpState.FIN_WAIT1);
        peer.shutDown();
      }
      default -> {}
    }
  }

  void awaitState() {
    await(script.state());
  }

  private void await(TcpState wanted) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    while (guest.socket().state() != wanted && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(guest.socket().state()).as(script.toString()).isEqualTo(wanted);
  }

  void act(Moment moment) {
    for (MatrixScript.Act act : script.acts()) {
      if (act.moment() == moment) {
        end(act.who()).perform(act.action(), script.actBytes());
      }
    }
  }

  boolean read() {
    boolean any = guest.read();
    return peer.read() | any;
  }

  /** Whether one side has written what the other has not seen yet. */
  boolean isOnItsWay() {
    return guest.awaits(peer) || peer.awaits(guest);
  }

  boolean isOver() {
    return guest.isOver() && peer.isOver();
  }

  void lastWords(Who who) {
    end(who).write(MatrixScript.LAST_WORDS_BYTES);
  }

  private MatrixEnd end(Who who) {
    return who == Who.PEER ? peer : guest;
  }

  /** A FIN that was lost at first has arrived, or is of no interest any more. */
  void awaitLostFin() {
    if (script.losesFin()) {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
      while (!peer.isClosed() && !knowsEnd(peer) && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
    }
  }

  private static boolean knowsEnd(MatrixEnd end) {
    TcpState state = end.socket().state();
    return state.finReceived() || state == TcpState.CLOSE;
  }

  /** What both applications have seen. */
  record Seen(String guest, String peer) {
    @Override
    public String toString() {
      return "guest " + guest + "; peer " + peer;
    }
  }

  Seen seen() {
    return new Seen(guest.seen(), peer.seen());
  }

  @Override
  public void close() {
    guest.close();
    peer.close();
  }
}
