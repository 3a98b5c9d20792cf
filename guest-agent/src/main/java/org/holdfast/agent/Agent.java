package org.holdfast.agent;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import org.holdfast.agent.channel.FrameOutput;
import org.holdfast.agent.channel.GuestPort;
import org.holdfast.agent.channel.HostGoneException;
import org.holdfast.agent.session.Session;
import org.holdfast.linux.KernelException;
import org.holdfast.proto.agent.v1.HostMessage;
import org.holdfast.wire.FrameDecoder;
import org.jspecify.annotations.Nullable;

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
  private final FrameDecoder decoder = new FrameDecoder();
  private final ByteBuffer received = ByteBuffer.allocateDirect(RECEIVE_BYTES);
  private volatile boolean ending;

  Agent(FrameOutput output, Session session) {
    this.output = output;
    this.session = session;
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
    decoder.reset();
    while (!ending) {
      GuestPort.Condition condition = port.awaitReadable(TICK);
      int count = condition == GuestPort.Condition.READY ? readOnce(port) : -1;
      if (condition == GuestPort.Condition.HOST_ABSENT || count == 0) {
        decoder.reset();
        output.discard();
        session.hostGone();
        pause();
        if (!port.survivesHangUp()) {
          return;
        }
      }
      session.watch();
    }
  }

  private void pause() throws InterruptedException {
    Thread.sleep(
        session.keepsTicket() ? ABSENT_PAUSE_WITH_TICKET.toMillis() : ABSENT_PAUSE.toMillis());
  }

  private int readOnce(GuestPort port) {
    received.clear();
    int count = port.read(received);
    if (count > 0) {
      received.flip();
      try {
        handleAll();
      } catch (HostGoneException e) {
        LOGGER.log(Level.INFO, e.getMessage());
        output.discard();
      }
    }
    return count;
  }

  private void handleAll() throws HostGoneException {
    @Nullable ByteBuffer payload = decoder.next(received);
    while (payload != null) {
      handle(payload);
      payload = decoder.next(received);
    }
  }

  private void handle(ByteBuffer payload) throws HostGoneException {
    HostMessage message;
    try {
      CodedInputStream input = CodedInputStream.newInstance(payload);
      input.enableAliasing(true); // a chunk is copied to its place before the next frame is read
      message = HostMessage.parseFrom(input);
    } catch (IOException e) {
      LOGGER.log(Level.WARNING, "a frame that is no message is passed over: " + e.getMessage());
      return;
    }
    session.handle(message);
  }
}
