package org.holdfast.agent;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.holdfast.agent.channel.FrameOutput;
import org.holdfast.agent.conntrack.ConntrackRenewal;
import org.holdfast.agent.discovery.Discovery;
import org.holdfast.agent.freeze.Freezer;
import org.holdfast.agent.rehearsal.Rehearsal;
import org.holdfast.agent.session.GuestFacts;
import org.holdfast.agent.session.GuestKernel;
import org.holdfast.agent.session.HeldRecord;
import org.holdfast.agent.session.SelfTest;
import org.holdfast.agent.session.Session;
import org.holdfast.agent.session.SocketMemory;
import org.holdfast.linux.LinuxTcpSockets;

/** The daemon {@code holdfast-guest-agent}: opens the port, and opens it again when it goes. */
public final class AgentMain {
  private static final Logger LOGGER = System.getLogger(AgentMain.class.getName());

  /** How long the host may take no byte before it counts as gone. */
  private static final Duration OUTPUT_PATIENCE = Duration.ofSeconds(5);

  /** How long a SIGTERM waits for a request under way. */
  private static final Duration END_PATIENCE = Duration.ofSeconds(3);

  private static final Duration LONGEST_REQUEST = Duration.ofSeconds(60);
  private static final Duration GUARD_INTERVAL = Duration.ofMillis(500);
  private static final int EXIT_HANGING = 3;

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
    Freezer freezer = Freezer.of(options.record());
    Freezer rehearsing = Freezer.of(Path.of(options.record() + ".rehearsal"));
    Rehearsal rehearsal =
        new Rehearsal(rehearsing, new HeldRecord(Path.of(options.record() + ".rehearsal.held")));
    if (options.purpose() == AgentOptions.Purpose.REHEARSE_ONLY) {
      rehearsal.start().join();
      return;
    }
    FrameOutput output = new FrameOutput(OUTPUT_PATIENCE);
    Session session =
        new Session(
            new GuestKernel(
                Discovery.ofGuest(),
                freezer,
                new LinuxTcpSockets()::adopt,
                new ConntrackRenewal(),
                SocketMemory.ofGuest(),
                new HeldRecord(Path.of(options.record() + ".held"))),
            GuestFacts.read(AgentVersion.read(), freezer.hasCgroups()),
            options.purpose() == AgentOptions.Purpose.SERVE ? rehearsal : SelfTest.NONE,
            output,
            Level.INFO);
    try {
      session.recover();
    } finally {
      freezer.thawLeftOver();
      rehearsing.thawLeftOver();
    }
    Agent agent = new Agent(output, session, rehearsal);
    endOnSignal(agent);
    guard(agent, freezer);
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

  /**
   * The last line of defence: a request that hangs in the kernel must not leave anybody frozen. No
   * request takes this long; whoever starts the agent again gets a sound one.
   */
  private static void guard(Agent agent, Freezer freezer) {
    Thread thread =
        new Thread(
            () -> {
              while (agent.handlingFor().compareTo(LONGEST_REQUEST) < 0) {
                LockSupport.parkNanos(GUARD_INTERVAL.toNanos());
              }
              LOGGER.log(Level.ERROR, "a request hangs: thawing everything, and ending");
              freezer.thawLeftOver();
              Runtime.getRuntime().halt(EXIT_HANGING);
            },
            "guard");
    thread.setDaemon(true);
    thread.start();
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
