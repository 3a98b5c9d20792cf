package org.holdfast.agent.rehearsal;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.holdfast.agent.channel.HostGoneException;
import org.holdfast.agent.conntrack.ConntrackRenewal;
import org.holdfast.agent.discovery.Discovery;
import org.holdfast.agent.freeze.Freezer;
import org.holdfast.agent.netlink.NetlinkPayload;
import org.holdfast.agent.session.GuestFacts;
import org.holdfast.agent.session.GuestKernel;
import org.holdfast.agent.session.Session;
import org.holdfast.linux.LinuxTcpSockets;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.NetlinkSocket;
import org.holdfast.linux.NetworkInterfaces;
import org.holdfast.linux.NetworkNamespace;
import org.holdfast.wire.WireFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Takes connections of the agent's own over and gives them back, again and again for some seconds,
 * in a network namespace that nobody else sees. It proves that this kernel can do what is needed,
 * and it has the virtual machine compile what a blackout will run.
 */
public final class Rehearsal {
  private static final Logger LOGGER = System.getLogger(Rehearsal.class.getName());
  private static final int CONNECTIONS = 48;
  private static final int MOST_ROUNDS = 300;
  private static final int MOST_ATTEMPTS = 3;
  private static final int BRIEF_CONNECTIONS = 6;
  private static final int BRIEF_ROUNDS = 2;
  private static final Duration SETTLE_BOUND = Duration.ofMillis(300);
  private static final int ROUNDS_PER_SCAN = 10;

  /**
   * An emulated processor needs many seconds for a first round; a real one is done in less than
   * one.
   */
  private static final Duration BOUND = Duration.ofSeconds(12);

  private static final String NAMESPACE = "holdfast-rehearsal";
  private static final int IFF_UP = 1;
  private static final int RTM_NEWLINK = 16;

  private volatile List<String> missing = List.of();
  private volatile boolean cut;
  private volatile boolean ready;
  private volatile @Nullable NamespaceThread stageThread;

  /** What was found not to work, in words. */
  public List<String> missing() {
    return missing;
  }

  /** There is real work: ends soon. */
  public void cut() {
    cut = true;
  }

  /** Rehearses in the background, behind everything else that wants to run. */
  public Thread start() {
    Thread thread = new Thread(this::run, "rehearsal");
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
    thread.start();
    return thread;
  }

  private void run() {
    try {
      NetworkNamespace namespace =
          NetworkNamespace.create(NAMESPACE + "-" + ProcessHandle.current().pid());
      NamespaceThread thread = namespace.startThread("rehearsal-stage");
      namespace.delete(); // the name; the namespace lives as long as the thread
      stageThread = thread;
      thread.call(
          () -> {
            Thread.currentThread().setPriority(Thread.MIN_PRIORITY);
            raiseLoopback();
            return attempt();
          });
      ready = true;
    } catch (Exception e) {
      missing = List.of("the self-test failed: " + e.getMessage());
      LOGGER.log(Level.WARNING, "the self-test failed", e);
    } finally {
      System.gc(); // what the rehearsal left behind is given back to the guest
    }
  }

  /**
   * Once more, briefly: after a migration the host's caches know nothing of this guest's code, and
   * a blackout is about to begin. Does nothing while the first rehearsal is not over.
   */
  public void again() {
    NamespaceThread thread = stageThread;
    if (!ready || thread == null) {
      return;
    }
    cut = false;
    try {
      thread.call(
          () -> {
            Thread.currentThread().setPriority(Thread.NORM_PRIORITY);
            return rehearse(BRIEF_CONNECTIONS, BRIEF_ROUNDS);
          });
    } catch (Exception e) {
      LOGGER.log(Level.DEBUG, "a brief rehearsal was interrupted", e);
    }
  }

  /**
   * There is no fence on a loopback: a segment that a starved machine sends late meets a socket
   * that is just being restored, and is answered with RST. That is no verdict on the kernel.
   */
  private Integer attempt()
      throws IOException, HostGoneException, WireFormatException, RehearsalException {
    for (int attempt = 1; attempt < MOST_ATTEMPTS; attempt++) {
      try {
        return rehearse(CONNECTIONS, MOST_ROUNDS);
      } catch (IOException e) {
        LOGGER.log(Level.DEBUG, "rehearsal interrupted", e);
      }
    }
    return rehearse(CONNECTIONS, MOST_ROUNDS);
  }

  private int rehearse(int connections, int mostRounds)
      throws IOException, HostGoneException, WireFormatException, RehearsalException {
    RehearsalHost host = new RehearsalHost();
    int rounds = 0;
    long begin = System.nanoTime();
    try (Stage stage = Stage.of(connections);
        Discovery discovery = Discovery.ofRehearsal(stage.port());
        ConntrackRenewal conntrack = new ConntrackRenewal()) {
      Session session =
          new Session(
              new GuestKernel(
                  discovery, Freezer.ofRehearsal(), new LinuxTcpSockets()::adopt, conntrack),
              GuestFacts.read("", false),
              List::of,
              host,
              Level.TRACE,
              () -> {});
      while (rounds < mostRounds && !cut && System.nanoTime() - begin < BOUND.toNanos()) {
        if (rounds % ROUNDS_PER_SCAN == 0) {
          host.scan(session);
        }
        stage.send();
        settle(discovery);
        host.play(session, connections);
        stage.verify();
        rounds++;
      }
    }
    LOGGER.log(
        mostRounds == BRIEF_ROUNDS ? Level.DEBUG : Level.INFO,
        "rehearsed "
            + rounds
            + " times in "
            + Duration.ofNanos(System.nanoTime() - begin).toMillis()
            + " ms");
    return rounds;
  }

  /** Waits until everything sent is acknowledged: then nothing is on its way. */
  private static void settle(Discovery discovery) {
    long deadline = System.nanoTime() + SETTLE_BOUND.toNanos();
    while (discovery.refresh().stream().anyMatch(found -> found.socket().sendQueueBytes() != 0)
        && System.nanoTime() < deadline) {
      LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
    }
  }

  private static void raiseLoopback() {
    NetlinkPayload up =
        new NetlinkPayload()
            .number8(0)
            .number8(0)
            .number16(0)
            .number32(NetworkInterfaces.index("lo"))
            .number32(IFF_UP)
            .number32(IFF_UP);
    try (NetlinkSocket route = NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE)) {
      route.request(RTM_NEWLINK, NetlinkSocket.NLM_F_ACK, up.build());
    }
  }
}
