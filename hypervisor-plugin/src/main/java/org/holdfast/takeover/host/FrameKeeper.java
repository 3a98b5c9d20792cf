package org.holdfast.takeover.host;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.NetworkInterfaces;
import org.holdfast.linux.Nftables;
import org.holdfast.linux.NftablesException;
import org.holdfast.linux.PollSet;
import org.holdfast.takeover.FrameCount;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.ParkedFrame;
import org.holdfast.takeover.VmInterface;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.wire.MacAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what comes for a VM while it is held and belongs to no held connection: connection
 * attempts, datagrams, echo requests. {@link KeepingRules} turn it away from the namespace's stack;
 * a thread collects it here, so that the bound can cost the oldest frames and not the newest.
 */
final class FrameKeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FrameKeeper.class);

  /** How long the thread sleeps at most, and closing waits for it. */
  private static final Duration NAP = Duration.ofMillis(50);

  private final NamespaceThread inside;
  private final Nftables nftables;
  private final List<Doorway> doorways;
  private final KeptFrames kept;
  private final Thread collector;
  private final boolean rulesStand;
  private long overrun;
  private volatile boolean closed;

  /**
   * Where an interface's frames come out.
   *
   * @param mac of the VM's interface
   */
  private record Doorway(MacAddress mac, ParkingPort port) {}

  /**
   * Begins in a new namespace.
   *
   * @param inside a thread of the namespace, whose devices exist
   * @param nftables to be used on that thread
   */
  static FrameKeeper begin(
      NamespaceThread inside,
      Nftables nftables,
      List<VmInterface> interfaces,
      HoldOptions options) {
    return new FrameKeeper(inside, nftables, interfaces, options, true);
  }

  /** Goes on in a namespace where another process has begun; what that one kept is lost. */
  static FrameKeeper goOn(
      NamespaceThread inside,
      Nftables nftables,
      List<VmInterface> interfaces,
      HoldOptions options) {
    return new FrameKeeper(inside, nftables, interfaces, options, false);
  }

  private FrameKeeper(
      NamespaceThread inside,
      Nftables nftables,
      List<VmInterface> interfaces,
      HoldOptions options,
      boolean isNew) {
    this.inside = inside;
    this.nftables = nftables;
    this.kept = new KeptFrames(options.keptFrames(), options.keptBytes());
    this.doorways = inside.call(() -> open(interfaces, options.parkedBytes()));
    this.rulesStand = inside.call(() -> isNew ? standRules(interfaces) : rulesAreThere());
    this.collector = new Thread(this::collectUntilClosed, "frames-kept");
    collector.setDaemon(true);
    collector.start();
  }

  private static List<Doorway> open(List<VmInterface> interfaces, int bufferBytes) {
    List<Doorway> doorways = new ArrayList<>();
    try {
      for (int i = 0; i < interfaces.size(); i++) {
        int device = NetworkInterfaces.index(OwnNames.insideParking(i));
        ParkingPort port = new ParkingPort(device, FrameFilter.sent(), bufferBytes);
        doorways.add(new Doorway(interfaces.get(i).mac(), port));
      }
      return doorways;
    } catch (RuntimeException e) {
      doorways.forEach(doorway -> doorway.port().close());
      throw e;
    }
  }

  /** Held connections are worth more than the rest: a kernel without the rules holds them alone. */
  private boolean standRules(List<VmInterface> interfaces) {
    try {
      nftables.run(KeepingRules.table(interfaces));
      return true;
    } catch (NftablesException e) {
      LOG.warn(
          "What belongs to no held connection is not kept while the VM is away: this kernel does"
              + " not forward frames at a device (nft_fwd_netdev): {}",
          e.getMessage());
      return false;
    }
  }

  private boolean rulesAreThere() {
    return nftables.run("list tables netdev").contains("table netdev holdfast");
  }

  /**
   * Leaves the frames of these connections to their copies. Before the first frame of theirs may
   * reach the namespace.
   */
  void leaveToCopies(List<TcpSnapshot> connections) {
    String elements = KeepingRules.admit(connections);
    if (rulesStand && !elements.isEmpty()) {
      inside.call(() -> nftables.run(elements));
    }
  }

  /** Passes on what is kept, in the order in which it came. */
  synchronized FrameCount passOn(Consumer<ParkedFrame> receiver) {
    collect();
    FrameCount count = kept.passOn(receiver).plus(new FrameCount(0, 0, overrun));
    overrun = 0;
    return count;
  }

  private void collectUntilClosed() {
    PollSet poll =
        new PollSet(doorways.stream().mapToInt(doorway -> doorway.port().descriptor()).toArray());
    while (!closed) {
      if (poll.await(NAP) > 0) {
        collect();
      }
    }
    doorways.forEach(doorway -> doorway.port().close());
  }

  private synchronized void collect() {
    if (closed) {
      return;
    }
    for (Doorway doorway : doorways) {
      overrun += doorway.port().drain(ParkingPort.to(doorway.mac(), kept::add)).lost();
    }
  }

  /** Returns when the thread has ended; what is kept is lost. */
  @Override
  public void close() {
    closed = true;
    try {
      collector.join();
    } catch (InterruptedException e) {
      // It ends all the same, and closes what it has open.
      Thread.currentThread().interrupt();
    }
  }
}
