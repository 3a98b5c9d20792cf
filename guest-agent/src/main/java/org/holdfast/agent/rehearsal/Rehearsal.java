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
  private static final Duration SETTLE_BOUND = Duration.ofMillis(300);
  private static final int ROUNDS_PER_SCAN = 10;
  private static final Duration BOUND = Duration.ofSeconds(3);
  private static final String NAMESPACE = "holdfast-rehearsal";
  private static final int IFF_UP = 1;
  private static final int RTM_NEWLINK = 16;

  private volatile List<String> missing = List.of();
  private volatile boolean cut;

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
    NetworkNamespace namespace = null;
    try {
      namespace = NetworkNamespace.create(NAMESPACE + "-" + ProcessHandle.current().pid());
      try (NamespaceThread thread = namespace.startThread("rehearsal-stage")) {
        thread.call(
            () -> {
              Thread.currentThread().setPriority(Thread.MIN_PRIORITY);
              raiseLoopback();
              return attempt();
            });
      }
    } catch (Exception e) {
      missing = List.of("the self-test failed: " + e.getMessage());
      LOGGER.log(Level.WARNING, "the self-test failed", e);
    } finally {
      if (namespace != null) {
        namespace.delete();
      }
      System.gc(); // what the rehearsal left behind is given back to the guest
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
        return rehearse();
      } catch (IOException e) {
        LOGGER.log(Level.DEBUG, "rehearsal interrupted", e);
      }
    }
    return rehearse();
  }

  private int rehearse()
      throws IOException, HostGoneException, WireFormatException, RehearsalException {
    RehearsalHost host = new RehearsalHost();
    int rounds = 0;
    long begin = System.nanoTime();
    try (Stage stage = Stage.of(CONNECTIONS);
        Discovery discovery = Discovery.ofRehearsal(stage.port());
        ConntrackRenewal conntrack = new ConntrackRenewal()) {
      Session session =
          new Session(
              new GuestKernel(
                  discovery, Freezer.ofRehearsal(), new LinuxTcpSockets()::adopt, conntrack),
              GuestFacts.read("", false),
              List::of,
              host,
              Level.TRACE);
      while (rounds < MOST_ROUNDS && !cut && System.nanoTime() - begin < BOUND.toNanos()) {
        if (rounds % ROUNDS_PER_SCAN == 0) {
          host.scan(session);
        }
        stage.send();
        settle(discovery);
        host.play(session, CONNECTIONS);
        stage.verify();
        rounds++;
      }
    }
    LOGGER.log(
        Level.INFO,
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
