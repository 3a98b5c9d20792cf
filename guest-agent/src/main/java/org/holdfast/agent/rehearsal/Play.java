package org.holdfast.agent.rehearsal;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.holdfast.agent.channel.HostGoneException;
import org.holdfast.agent.conntrack.ConntrackRenewal;
import org.holdfast.agent.discovery.Discovery;
import org.holdfast.agent.freeze.Freezer;
import org.holdfast.agent.session.GuestFacts;
import org.holdfast.agent.session.GuestKernel;
import org.holdfast.agent.session.HeldRecord;
import org.holdfast.agent.session.SelfTest;
import org.holdfast.agent.session.SelfTest.Half;
import org.holdfast.agent.session.Session;
import org.holdfast.agent.session.SocketMemory;
import org.holdfast.linux.LinuxTcpSockets;
import org.holdfast.wire.WireFormatException;

/**
 * Connections of the agent's own that are taken over and given back, again and again, in the
 * network namespace of the thread that opened it. For that thread.
 */
final class Play implements AutoCloseable {
  private static final Duration SETTLE_BOUND = Duration.ofMillis(300);
  private static final Duration SETTLE_PAUSE = Duration.ofMillis(10);

  private final RehearsalHost host = new RehearsalHost();
  private final ConntrackRenewal conntrack = new ConntrackRenewal();
  private final int connections;
  private final Stage stage;
  private final Discovery discovery;
  private final Session session;
  private boolean takenOver;

  private Play(int connections, Stage stage, Discovery discovery, HeldRecord record) {
    this.connections = connections;
    this.stage = stage;
    this.discovery = discovery;
    this.session =
        new Session(
            new GuestKernel(
                discovery,
                Freezer.ofRehearsal(),
                new LinuxTcpSockets()::adopt,
                conntrack,
                SocketMemory.ofGuest(),
                record),
            GuestFacts.read("", false),
            SelfTest.NONE,
            host,
            Level.TRACE);
  }

  /**
   * Connects {@code connections} pairs of sockets.
   *
   * @param record of what is held, for rehearsals alone
   */
  static Play of(int connections, HeldRecord record)
      throws IOException, HostGoneException, WireFormatException {
    Stage stage = Stage.of(connections);
    Play play = new Play(connections, stage, Discovery.ofRehearsal(stage.port()), record);
    play.host.scan(play.session);
    return play;
  }

  /**
   * Takes all of them over and gives them back once, with nothing on the way.
   *
   * @return how long that took
   * @throws RehearsalException if the session says anything but what it should
   */
  Duration quietRound() throws HostGoneException, WireFormatException, RehearsalException {
    long begin = System.nanoTime();
    half(Half.TAKE_OVER);
    half(Half.GIVE_BACK);
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  /**
   * Does one half, after what must come before it: usually nothing, for halves take turns.
   *
   * @throws RehearsalException if the session says anything but what it should
   */
  void half(Half half) throws HostGoneException, WireFormatException, RehearsalException {
    if (half == Half.GIVE_BACK) {
      if (!takenOver) {
        takeOver();
      }
      giveBack();
    } else {
      if (takenOver) {
        giveBack();
      }
      takeOver();
    }
  }

  private void takeOver() throws HostGoneException, WireFormatException, RehearsalException {
    host.takeOver(session, connections);
    takenOver = true;
  }

  /** One that fails is not tried again: the next takeover replaces this one. */
  private void giveBack() throws HostGoneException, WireFormatException, RehearsalException {
    takenOver = false;
    host.giveBack(session, connections);
  }

  /**
   * Takes all of them over and gives them back once, with data in their queues.
   *
   * @return how long that took, without the waiting for a quiet loopback before it
   * @throws IOException if a byte is lost, or a connection
   * @throws RehearsalException if the session says anything but what it should
   */
  Duration round() throws IOException, HostGoneException, WireFormatException, RehearsalException {
    stage.send();
    settle();
    Duration took = quietRound();
    stage.verify();
    return took;
  }

  /** Waits until everything sent is acknowledged: then nothing is on its way. */
  private void settle() {
    long deadline = System.nanoTime() + SETTLE_BOUND.toNanos();
    while (discovery.refresh().stream().anyMatch(found -> found.socket().sendQueueBytes() != 0)
        && System.nanoTime() < deadline) {
      LockSupport.parkNanos(SETTLE_PAUSE.toNanos());
    }
  }

  @Override
  public void close() {
    session.close();
    conntrack.close();
    discovery.close();
    stage.close();
  }
}
