package org.holdfast.agent;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import org.holdfast.agent.channel.FrameOutput;
import org.holdfast.agent.conntrack.ConntrackRenewal;
import org.holdfast.agent.discovery.Discovery;
import org.holdfast.agent.freeze.Freezer;
import org.holdfast.agent.rehearsal.Rehearsal;
import org.holdfast.agent.session.GuestFacts;
import org.holdfast.agent.session.GuestKernel;
import org.holdfast.agent.session.Session;
import org.holdfast.linux.LinuxTcpSockets;

/** The daemon {@code holdfast-guest-agent}: opens the port, and opens it again when it goes. */
public final class AgentMain {
  private static final Logger LOGGER = System.getLogger(AgentMain.class.getName());

  /** How long the host may take no byte before it counts as gone. */
  private static final Duration OUTPUT_PATIENCE = Duration.ofSeconds(5);

  /** How long a SIGTERM waits for a request under way. */
  private static final Duration END_PATIENCE = Duration.ofSeconds(3);

  private AgentMain() {}

  /**
   * Runs until SIGTERM.
   *
   * @param arguments see {@link AgentOptions#USAGE}
   */
  public static void main(String[] arguments) {
    if (List.of(arguments).contains("--version")) {
      System.out.println(AgentVersion.read());
      return;
    }
    AgentOptions options;
    try {
      options = AgentOptions.parse(List.of(arguments));
    } catch (IllegalArgumentException e) {
      System.err.println("error: " + e.getMessage() + "\n" + AgentOptions.USAGE);
      System.exit(1);
      return;
    }
    try {
      run(options);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void run(AgentOptions options) throws InterruptedException {
    Rehearsal rehearsal = new Rehearsal();
    if (options.purpose() == AgentOptions.Purpose.REHEARSE_ONLY) {
      rehearsal.start().join();
      return;
    }
    Freezer freezer = Freezer.of(options.record());
    freezer.thawLeftOver();
    FrameOutput output = new FrameOutput(OUTPUT_PATIENCE);
    Session session =
        new Session(
            new GuestKernel(
                Discovery.ofGuest(), freezer, new LinuxTcpSockets()::adopt, new ConntrackRenewal()),
            GuestFacts.read(AgentVersion.read(), freezer.hasCgroups()),
            rehearsal::missing,
            output,
            Level.INFO,
            rehearsal::again);
    Agent agent = new Agent(output, session, rehearsal);
    endOnSignal(agent);
    LOGGER.log(Level.INFO, "holdfast-guest-agent " + AgentVersion.read() + " on " + options.port());
    if (options.purpose() == AgentOptions.Purpose.SERVE) {
      rehearsal.start();
    }
    try {
      agent.serve(options.port());
    } finally {
      session.close();
    }
  }

  /** SIGTERM must not leave anybody frozen: the process ends when the loop has. */
  private static void endOnSignal(Agent agent) {
    Thread serving = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  agent.end();
                  try {
                    serving.join(END_PATIENCE.toMillis());
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                },
                "end"));
  }
}
