package org.holdfast.agent;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import org.holdfast.agent.channel.FrameInput;
import org.holdfast.agent.channel.FrameOutput;
import org.holdfast.agent.channel.GuestPort;
import org.holdfast.agent.channel.HostGoneException;
import org.holdfast.agent.rehearsal.Rehearsal;
import org.holdfast.agent.session.Session;
import org.holdfast.linux.KernelException;
import org.holdfast.proto.agent.v1.HostMessage;

/** Reads the port, hands requests to the session, and keeps watch. One thread, one loop. */
final class Agent {
  private static final Logger LOGGER = System.getLogger(Agent.class.getName());
  private static final int RECEIVE_BYTES = 64 * 1024;

  /** The port cannot tell that the host has come; a kept ticket is claimed in a blackout. */
  private static final Duration ABSENT_PAUSE_WITH_TICKET = Duration.ofMillis(5);

  private static final Duration ABSENT_PAUSE = Duration.ofMillis(50);

  /** How often the watchdog looks while the host is there and says nothing. */
  private static final Duration TICK = Duration.ofMillis(50);

  private final FrameOutput output;
  private final Session session;
  private final Rehearsal rehearsal;
  private final FrameInput input = new FrameInput();
  private final Urgency urgency = new Urgency();
  private final Rest rest = new Rest();
  private final ByteBuffer received = ByteBuffer.allocateDirect(RECEIVE_BYTES);
  private volatile boolean ending;
  private volatile long handlingSince;
  private volatile boolean handling;

  Agent(FrameOutput output, Session session, Rehearsal rehearsal) {
    this.output = output;
    this.session = session;
    this.rehearsal = rehearsal;
  }

  /** Ends {@link #serve} soon. May be called from any thread. */
  void end() {
    ending = true;
  }

  /**
   * Serves until {@link #end} is called: opens the port, and opens it again when it goes.
   *
   * @param path see {@link GuestPort#open}
   */
  void serve(Path path) throws InterruptedException {
    String trouble = "";
    while (!ending) {
      try (GuestPort port = GuestPort.open(path)) {
        trouble = "";
        serve(port);
      } catch (KernelException e) {
        if (!trouble.equals(e.getMessage())) {
          trouble = e.getMessage() + "";
          LOGGER.log(Level.WARNING, "no port: " + trouble);
        }
        pause();
      }
      session.watch();
    }
  }

  private void serve(GuestPort port) throws InterruptedException {
    LOGGER.log(Level.INFO, "listening");
    output.attach(port);
    input.reset();
    while (!ending) {
      GuestPort.Condition condition = port.awaitReadable(TICK);
      int count = condition == GuestPort.Condition.READY ? readOnce(port) : -1;
      if (condition == GuestPort.Condition.HOST_ABSENT || count == 0) {
        input.reset();
        output.discard();
        session.hostGone();
        if (!session.keepsTicket()) {
          urgency.end();
        }
        pause();
        if (!port.survivesHangUp()) {
          return;
        }
      }
      session.watch();
      rest.look(session.keepsTicket());
    }
  }

  private void pause() throws InterruptedException {
    Thread.sleep(
        session.keepsTicket() ? ABSENT_PAUSE_WITH_TICKET.toMillis() : ABSENT_PAUSE.toMillis());
  }

  /** Takes all that is there: the port hands out one page at a time, and frames are many. */
  private int readOnce(GuestPort port) {
    received.clear();
    int count = port.read(received);
    if (count > 0) {
      while (received.hasRemaining() && port.read(received) > 0) {
        // more may be there
      }
      received.flip();
      try {
        input.accept(received, this::handle);
      } catch (HostGoneException e) {
        LOGGER.log(Level.INFO, e.getMessage());
        output.discard();
      }
    }
    return count;
  }

  private void handle(HostMessage message) throws HostGoneException {
    if (message.hasReady() || message.hasExport() || message.hasConform()) {
      rehearsal.cut();
    }
    handlingSince = System.nanoTime();
    handling = true;
    urgency.before(message);
    rest.disturb(message);
    try {
      session.handle(message);
    } finally {
      urgency.after(message);
      handling = false;
    }
  }

  /** For how long one request has been under way. May be called from any thread. */
  Duration handlingFor() {
    return handling ? Duration.ofNanos(System.nanoTime() - handlingSince) : Duration.ZERO;
  }
}
