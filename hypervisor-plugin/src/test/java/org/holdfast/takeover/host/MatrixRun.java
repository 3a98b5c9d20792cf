package org.holdfast.takeover.host;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.holdfast.linux.AppSocket;
import org.holdfast.linux.Nftables;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.host.MatrixConnection.Seen;
import org.holdfast.takeover.matrix.MatrixScript;
import org.holdfast.takeover.matrix.MatrixScript.Moment;
import org.holdfast.takeover.matrix.MatrixScript.Who;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.wire.WireFormatException;

/** All scripts at once on connections of one guest, with or without a takeover in the middle. */
final class MatrixRun implements AutoCloseable {
  private static final String LOSE_FINS =
      """
      add table inet loss
      add chain inet loss input { type filter hook input priority 0; }
      add rule inet loss input tcp sport %d tcp flags & fin == fin drop
      """
          .formatted(MatrixConnection.LOSSY_PORT);

  /** Longer than a peer waits with its acknowledgement. */
  private static final long SETTLE_MILLIS = 300;

  /** A FIN that was lost several times is sent again after so long at most. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

  /** What came while the fence stood, and was more than is parked, is sent again by then. */
  private static final long REPETITION_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final TestNetwork network = new TestNetwork(1);
  private final Nftables rules = network.peer().call(Nftables::new);
  private final DyingOwners owners = new DyingOwners();
  private final List<MatrixConnection> connections = new ArrayList<>();

  private void connectAll(List<MatrixScript> scripts) {
    network.peer().call(() -> rules.run(LOSE_FINS));
    for (SocketFamily family : SocketFamily.values()) {
      try (MatrixConnection.Servers servers = MatrixConnection.Servers.listen(network, family)) {
        scripts.stream()
            .filter(script -> script.family() == family)
            .forEach(script -> connections.add(connect(servers, script)));
      }
    }
  }

  private MatrixConnection connect(MatrixConnection.Servers servers, MatrixScript script) {
    return MatrixConnection.connect(network, servers, owners, script);
  }

  /** What the applications of each script have seen, by script. */
  static Map<MatrixScript, Seen> without(List<MatrixScript> scripts) throws InterruptedException {
    try (MatrixRun run = new MatrixRun()) {
      run.begin(scripts);
      run.act(Moment.TAKING_OVER);
      run.loseNothing();
      run.act(Moment.HELD);
      run.act(Moment.GIVING_BACK);
      return run.finish();
    }
  }

  /** The same, where a host takes over and gives back. */
  static Map<MatrixScript, Seen> with(List<MatrixScript> scripts)
      throws InterruptedException, WireFormatException {
    try (MatrixRun run = new MatrixRun();
        LinuxHostNetwork host = LinuxHostNetwork.in(run.network.hostNamespace());
        GuestPorts guestPorts = host.guestPorts(run.network.vmInterfaces());
        TakeoverNamespace takeover =
            host.prepare(run.network.vmInterfaces(), HoldOptions.defaults())) {
      run.begin(scripts);
      takeover.fence();
      run.act(Moment.TAKING_OVER);
      OwnSockets agent = new OwnSockets(run.network.guest());
      agent.takeOver(takeover, run.manageable());
      run.loseNothing();
      run.act(Moment.HELD);
      takeover.shut();
      run.act(Moment.GIVING_BACK);
      agent.giveBack(takeover, guestPorts);
      return run.finish();
    }
  }

  private void begin(List<MatrixScript> scripts) throws InterruptedException {
    connectAll(scripts);
    connections.forEach(MatrixConnection::prepare);
    connections.forEach(MatrixConnection::prepareFurther);
    connections.forEach(MatrixConnection::awaitState);
    Thread.sleep(SETTLE_MILLIS);
    act(Moment.BEFORE);
  }

  private void act(Moment moment) throws InterruptedException {
    connections.forEach(connection -> connection.act(moment));
    Thread.sleep(SETTLE_MILLIS);
  }

  private void loseNothing() {
    network.peer().call(() -> rules.run("delete table inet loss"));
    connections.forEach(MatrixConnection::awaitLostFin);
  }

  private List<AppSocket> manageable() {
    return connections.stream()
        .filter(connection -> !connection.guest().isClosed())
        .map(connection -> connection.guest().socket())
        .filter(socket -> socket.state().isManageable())
        .toList();
  }

  /** All read, each speaks once more, all read to the end. */
  private Map<MatrixScript, Seen> finish() throws InterruptedException {
    for (Who who : Who.values()) {
      readUntilQuiet();
      connections.forEach(connection -> connection.lastWords(who));
    }
    readUntilQuiet();
    connections.forEach(connection -> connection.guest().shutDown());
    readUntilQuiet();
    connections.forEach(connection -> connection.peer().shutDown());
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    Predicate<MatrixConnection> over = MatrixConnection::isOver;
    while (connections.stream().anyMatch(over.negate()) && System.nanoTime() < deadline) {
      readUntilQuiet();
    }
    Map<MatrixScript, Seen> seen = new HashMap<>();
    connections.forEach(one -> seen.put(one.script(), one.seen()));
    return seen;
  }

  /**
   * Quiet is when nothing has come for a while, nor is on its way: a peer may wait to repeat it.
   */
  private void readUntilQuiet() throws InterruptedException {
    long begin = System.nanoTime();
    long quietSince = begin;
    while (System.nanoTime() - quietSince < TimeUnit.MILLISECONDS.toNanos(SETTLE_MILLIS)) {
      boolean any = false;
      for (MatrixConnection connection : connections) {
        any |= connection.read();
      }
      boolean patient = System.nanoTime() - begin < REPETITION_NANOS;
      if (any || patient && connections.stream().anyMatch(MatrixConnection::isOnItsWay)) {
        quietSince = System.nanoTime();
      }
      if (!any) {
        Thread.sleep(5);
      }
    }
  }

  @Override
  public void close() {
    connections.forEach(MatrixConnection::close);
    owners.close();
    network
        .peer()
        .call(
            () -> {
              rules.close();
              return true;
            });
    network.close();
  }
}
