package org.holdfast.agent.rehearsal;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import org.holdfast.agent.channel.HostGoneException;
import org.holdfast.agent.freeze.Freezer;
import org.holdfast.agent.session.HeldRecord;
import org.holdfast.agent.session.SelfTest;
import org.holdfast.linux.KernelException;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.NativeHeap;
import org.holdfast.linux.NetlinkSocket;
import org.holdfast.linux.NetworkInterfaces;
import org.holdfast.linux.NetworkNamespace;
import org.holdfast.linux.Scheduling;
import org.holdfast.netlink.NetlinkPayload;
import org.holdfast.wire.WireFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Takes connections of the agent's own over and gives them back, again and again, in a network
 * namespace that nobody else sees. It proves that this kernel can do what is needed, and it has the
 * virtual machine compile what a blackout will run.
 */
public final class Rehearsal implements SelfTest {
  private static final Logger LOGGER = System.getLogger(Rehearsal.class.getName());
  private static final int CONNECTIONS = 48;
  private static final int BRIEF_CONNECTIONS = 4;
  private static final int MOST_ATTEMPTS = 3;
  private static final int ROUNDS_PER_DATA = 4;

  /** An emulated processor needs this long; a real one is done in less than a second. */
  private static final Duration BOUND = Duration.ofSeconds(30);

  private static final String NAMESPACE = "holdfast-rehearsal";
  private static final int IFF_UP = 1;
  private static final int RTM_NEWLINK = 16;

  private final Freezer freezer;
  private final HeldRecord record;
  private volatile List<String> missing = List.of();
  private volatile boolean cut;
  private volatile boolean over;
  private volatile @Nullable NamespaceThread stageThread;
  private volatile @Nullable Play brief;

  /**
   * @param freezer of this guest, with a record of its own: stops nobody's processes but this
   *     rehearsal's
   * @param record of what is held, of its own as well
   */
  public Rehearsal(Freezer freezer, HeldRecord record) {
    this.freezer = freezer;
    this.record = record;
  }

  @Override
  public List<String> missing() {
    return missing;
  }

  @Override
  public boolean isOver() {
    return over;
  }

  /** There is real work: ends soon. */
  public void cut() {
    cut = true;
  }

  /** Rehearses in the background. */
  public Thread start() {
    Thread thread = new Thread(this::run, "rehearsal");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void run() {
    try {
      NetworkNamespace namespace =
          NetworkNamespace.create(NAMESPACE + "-" + ProcessHandle.current().pid());
      NamespaceThread thread = namespace.startThread("rehearsal-stage");
      namespace.delete(); // the name; the namespace lives as long as the thread
      brief =
          thread.call(
              () -> {
                raiseLoopback();
                attempt();
                Play small = Play.of(BRIEF_CONNECTIONS, record);
                small.round();
                small.quietRound();
                hurryFromNowOn();
                return small;
              });
      stageThread = thread;
      System.gc(); // what the rehearsal left behind is given back to the guest
      NativeHeap.trim();
    } catch (Exception e) {
      missing = List.of("the self-test failed: " + e.getMessage());
      LOGGER.log(Level.WARNING, "the self-test failed", e);
    } finally {
      over = true;
    }
  }

  /** Does nothing while the first rehearsal is not over. */
  @Override
  public void again(Half half) {
    NamespaceThread thread = stageThread;
    Play play = brief;
    if (thread == null || play == null) {
      return;
    }
    try {
      thread.call(
          () -> {
            play.half(half);
            return play;
          });
    } catch (Exception e) {
      LOGGER.log(Level.DEBUG, "a brief rehearsal was interrupted", e);
    }
  }

  /** What this thread does from now on is done between a freeze and a blackout. */
  private static void hurryFromNowOn() {
    try {
      Scheduling.realTime();
    } catch (KernelException e) {
      LOGGER.log(Level.DEBUG, "the agent runs like any other: " + e.getMessage());
    }
  }

  /**
   * There is no fence on a loopback: a segment that a starved machine sends late meets a socket
   * that is just being restored, and is answered with RST. That is no verdict on the kernel.
   */
  private void attempt()
      throws IOException, HostGoneException, WireFormatException, RehearsalException {
    for (int attempt = 1; attempt < MOST_ATTEMPTS; attempt++) {
      try {
        rehearse();
        return;
      } catch (IOException e) {
        LOGGER.log(Level.DEBUG, "rehearsal interrupted", e);
      }
    }
    rehearse();
  }

  private void rehearse()
      throws IOException, HostGoneException, WireFormatException, RehearsalException {
    Steadiness steadiness = new Steadiness();
    long begin = System.nanoTime();
    try (Play play = Play.of(CONNECTIONS, record);
        Extras extras = Extras.of(freezer)) {
      while (!cut && !steadiness.isReached() && System.nanoTime() - begin < BOUND.toNanos()) {
        boolean quiet = steadiness.rounds() % ROUNDS_PER_DATA != 0;
        steadiness.add(quiet ? play.quietRound() : play.round());
        extras.stop();
      }
    }
    LOGGER.log(
        Level.INFO,
        "rehearsed "
            + steadiness
            + " in "
            + Duration.ofNanos(System.nanoTime() - begin).toMillis()
            + " ms");
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
