package org.holdfast.takeover.host;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.holdfast.linux.NetlinkSocket;
import org.holdfast.takeover.FrameCount;
import org.holdfast.takeover.ParkedFrame;
import org.holdfast.takeover.VmInterface;
import org.holdfast.takeover.host.ForwardingTable.Entry;
import org.holdfast.takeover.host.ForwardingTable.Lasting;
import org.holdfast.wire.MacAddress;

/**
 * One interface of a VM as a takeover namespace plays it: two ports on the VM's bridge, and the
 * bridge's forwarding entry for the VM's MAC, which is pointed at one of them or given back.
 *
 * <pre>
 *   VM's tap       |                                   what peers send, by stage:
 *   takeover port  |-- bridge -- peers                 PREPARED to the tap, PARKING to the parking
 *   parking port   |                                   port, OPEN to the takeover port
 * </pre>
 *
 * <p>Made on the host's thread and used on the takeover's own: frames passed on by hand must not
 * hold up the blackout of another VM.
 */
final class PlayedInterface implements AutoCloseable {
  /** Several times as long as a change of a forwarding entry takes. */
  private static final Duration GAP = Duration.ofNanos(300_000);

  private static final Duration LONGEST_SEARCH = Duration.ofMillis(30);

  private final HostContext host;
  private final ForwardingTable forwarding;
  private final VmInterface vmInterface;
  private final String takeoverPort;
  private final String parkingPort;
  private final int bridgeIndex;
  private final int takeoverIndex;
  private final int parkingIndex;
  private final ParkingPort parking;
  private Optional<Entry> before = Optional.empty();

  private PlayedInterface(
      HostContext host,
      ForwardingTable forwarding,
      VmInterface vmInterface,
      String takeoverPort,
      String parkingPort,
      PortIndexes indexes,
      int parkedBytes) {
    this.host = host;
    this.forwarding = forwarding;
    this.vmInterface = vmInterface;
    this.takeoverPort = takeoverPort;
    this.parkingPort = parkingPort;
    this.bridgeIndex = indexes.bridge();
    this.takeoverIndex = indexes.takeover();
    this.parkingIndex = indexes.parking();
    this.parking =
        new ParkingPort(parkingIndex, FrameFilter.sentTo(vmInterface.mac()), parkedBytes);
  }

  /**
   * The interfaces of a namespace whose ports exist.
   *
   * @param demolition is told of what they need
   * @param parkedBytes bound for the frames parked of each
   */
  static List<PlayedInterface> all(
      HostContext host,
      Demolition demolition,
      OwnNames names,
      List<VmInterface> interfaces,
      int parkedBytes) {
    NetlinkSocket netlink =
        host.thread().call(() -> NetlinkSocket.open(NetlinkSocket.NETLINK_ROUTE));
    demolition.alsoClose(netlink);
    return host.thread().call(() -> all(host, netlink, names, interfaces, parkedBytes));
  }

  private static List<PlayedInterface> all(
      HostContext host,
      NetlinkSocket netlink,
      OwnNames names,
      List<VmInterface> interfaces,
      int parkedBytes) {
    List<Link> links = Links.list(netlink);
    ForwardingTable forwarding = new ForwardingTable(netlink);
    List<PlayedInterface> played = new ArrayList<>();
    for (int i = 0; i < interfaces.size(); i++) {
      VmInterface vmInterface = interfaces.get(i);
      Link takeover = Links.port(links, vmInterface.port().bridge(), names.takeoverPort(i));
      Link parking = Links.port(links, vmInterface.port().bridge(), names.parkingPort(i));
      played.add(
          new PlayedInterface(
              host,
              forwarding,
              vmInterface,
              takeover.name(),
              parking.name(),
              new PortIndexes(takeover.masterIndex(), takeover.index(), parking.index()),
              parkedBytes));
    }
    return played;
  }

  /** The kernel's numbers of what is involved. */
  record PortIndexes(int bridge, int takeover, int parking) {}

  VmInterface vmInterface() {
    return vmInterface;
  }

  MacAddress mac() {
    return vmInterface.mac();
  }

  String tap() {
    return vmInterface.port().tap();
  }

  String takeoverPort() {
    return takeoverPort;
  }

  String parkingPort() {
    return parkingPort;
  }

  /** Where the VM's MAC led to before the takeover. */
  Optional<Entry> forwardingBefore() {
    return before;
  }

  /** Goes on where another process stood. */
  void rememberForwarding(Optional<Entry> entry) {
    before = entry;
  }

  /** From now on frames for the VM wait. */
  void steerToParking() {
    point(parkingIndex);
  }

  /** The first time, while the VM is mute already: remembers where its MAC led to. */
  void steerAwayFromVm() {
    before = forwarding.find(bridgeIndex, mac());
    point(parkingIndex);
  }

  /**
   * Sticky: a first word from another port that reaches the bridge, even a guest's LLDP through the
   * fence, must not let anything overtake what is parked.
   */
  private void point(int portIndex) {
    forwarding.point(portIndex, mac(), Lasting.STICKY);
  }

  /**
   * Gives the forwarding entry back. Where the VM has spoken from another port meanwhile the entry
   * has moved there by itself, and only becomes an ordinary one.
   *
   * @param vmIsBehindTap whether the VM speaks through its old tap again
   */
  void giveForwardingBack(boolean vmIsBehindTap) {
    Optional<Entry> now = forwarding.find(bridgeIndex, mac());
    if (now.isEmpty()) {
      return;
    }
    int port = now.get().portIndex();
    if (port != takeoverIndex && port != parkingIndex) {
      if (now.get().lasting() == Lasting.STATIC && before.filter(now.get()::equals).isEmpty()) {
        forwarding.point(port, mac(), Lasting.LEARNED);
      }
    } else if (vmIsBehindTap && before.isPresent()) {
      forwarding.point(before.get().portIndex(), mac(), before.get().lasting());
    } else {
      forwarding.forget(port, mac());
    }
  }

  /**
   * From now on frames for the VM go to the namespace, after those that waited. What comes directly
   * must not overtake what came before, or peers would believe in losses and send again: so frames
   * are passed on by hand until there is a gap between two of them, and the change is made there.
   */
  FrameCount replayAndSteerToNamespace() {
    try (FrameSender sender = host.thread().call(() -> new FrameSender(takeoverIndex))) {
      return Undisturbed.run(
          () -> {
            FrameCount waited = parking.drainToGap(sender::send, GAP, LONGEST_SEARCH);
            point(takeoverIndex);
            return waited.plus(parking.drain(sender::send));
          });
    }
  }

  /** Sends what still waits into the namespace, directly, past the bridge. */
  FrameCount replay() {
    try (FrameSender sender = host.thread().call(() -> new FrameSender(takeoverIndex))) {
      return parking.drain(sender::send);
    }
  }

  /** Nothing waits yet, nothing is changed. */
  void rehearse() {
    forwarding.find(bridgeIndex, mac());
    replay();
  }

  /** Passes on what waits. */
  FrameCount passOn(Consumer<ParkedFrame> receiver) {
    return parking.drain(ParkingPort.to(mac(), receiver));
  }

  /**
   * Passes on what waits and what comes, until there is a gap, and gives the forwarding entry back
   * there: for the same reason.
   *
   * @param vmIsBehindTap whether the VM speaks through its old tap again
   */
  FrameCount passOnAndGiveForwardingBack(Consumer<ParkedFrame> receiver, boolean vmIsBehindTap) {
    ParkingPort.Sink sink = ParkingPort.to(mac(), receiver);
    return Undisturbed.run(
        () -> {
          FrameCount waited = parking.drainToGap(sink, GAP, LONGEST_SEARCH);
          giveForwardingBack(vmIsBehindTap);
          return waited.plus(parking.drain(sink));
        });
  }

  @Override
  public void close() {
    parking.close();
  }
}
