package org.holdfast.takeover.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.holdfast.linux.KernelException;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.HostPort;
import org.holdfast.takeover.ParkedFrame;
import org.holdfast.takeover.VmInterface;
import org.holdfast.takeover.host.ForwardingTable.Lasting;
import org.holdfast.wire.MacAddress;

/** The VM's taps on the host where it wakes. */
final class LinuxGuestPorts implements GuestPorts {
  private static final int SOURCE_OFFSET = 6;
  private static final int ETHERNET_BYTES = 14;

  private final HostContext host;
  private final List<VmInterface> interfaces;
  private final Announcements announcements;
  private final Map<MacAddress, FrameSender> senders = new ConcurrentHashMap<>();
  private final List<ParkedFrame> untilOpen = new ArrayList<>();
  private final TapRules othersRules;
  private final Trickle trickle;

  LinuxGuestPorts(HostContext host, List<VmInterface> interfaces) {
    this.host = host;
    this.interfaces = List.copyOf(interfaces);
    this.othersRules = new TapRules(host);
    this.announcements = new Announcements(host.clock());
    this.trickle = new Trickle(host.clock(), this::send);
  }

  @Override
  public void fence() {
    host.fence().close(taps());
  }

  @Override
  public synchronized void open() {
    host.fence().open(taps());
    untilOpen.stream().filter(this::passesOthersRules).forEach(this::passOn);
    untilOpen.clear();
  }

  /**
   * A frame whose answer matters waits for the port to open: behind the fence the answer would be
   * lost. A connection's next word acknowledges what came before it, so its segments need not wait,
   * and are not overtaken by those that come through the port.
   */
  @Override
  public synchronized boolean inject(ParkedFrame parked) {
    byte[] frame = parked.frame();
    if (frame.length < ETHERNET_BYTES || isFromVm(frame)) {
      return false;
    }
    Optional<VmInterface> meant = interfaceOf(parked);
    if (meant.isEmpty()) {
      return false;
    }
    HostPort port = meant.get().port();
    if (TcpFrame.parse(parked).filter(TcpFrame::isOfConnection).isPresent()) {
      return send(parked);
    }
    if (port.filtered()) {
      return false;
    }
    return host.fence().isClosed(port.tap())
        ? untilOpen.add(parked)
        : passesOthersRules(parked) && passOn(parked);
  }

  /** Who asks for a connection has waited long enough, and a listener's queue has its own bound. */
  private boolean passOn(ParkedFrame parked) {
    if (TcpFrame.parse(parked).isPresent()) {
      return send(parked);
    }
    trickle.add(parked);
    return true;
  }

  /** Asked after the port is open, and if frames were kept at all: to read all rules takes time. */
  private boolean passesOthersRules(ParkedFrame parked) {
    return interfaceOf(parked)
        .map(vmInterface -> !othersRules.name(vmInterface.port().tap()))
        .orElse(false);
  }

  private boolean send(ParkedFrame parked) {
    return interfaceOf(parked)
        .flatMap(this::sender)
        .map(sender -> sender.send(parked.frame()))
        .orElse(false);
  }

  private Optional<VmInterface> interfaceOf(ParkedFrame parked) {
    return interfaces.stream()
        .filter(vmInterface -> vmInterface.mac().equals(parked.interfaceMac()))
        .findFirst();
  }

  private boolean isFromVm(byte[] frame) {
    MacAddress source = MacAddress.at(frame, SOURCE_OFFSET);
    return interfaces.stream().anyMatch(vmInterface -> vmInterface.mac().equals(source));
  }

  private Optional<FrameSender> sender(VmInterface vmInterface) {
    FrameSender known = senders.get(vmInterface.mac());
    if (known != null) {
      return Optional.of(known);
    }
    Optional<FrameSender> made =
        host.thread()
            .call(
                () ->
                    Links.find(Links.list(host.netlink()), vmInterface.port().tap())
                        .map(tap -> new FrameSender(tap.index())));
    made.ifPresent(sender -> senders.put(vmInterface.mac(), sender));
    return made;
  }

  @Override
  public void announce() {
    announcements.begin(
        () ->
            host.thread()
                .call(
                    () -> {
                      List<Link> links = Links.list(host.netlink());
                      interfaces.forEach(vmInterface -> announce(links, vmInterface));
                      return true;
                    }));
  }

  /**
   * A frame sent to a tap only reaches the guest, and one sent by the bridge itself teaches it
   * nothing. So this bridge is told where the VM is, and the announcement goes out of every other
   * port as if this bridge had flooded it: the switches beyond learn as they always do.
   */
  private void announce(List<Link> links, VmInterface vmInterface) {
    Optional<Link> bridge = Links.find(links, vmInterface.port().bridge());
    Optional<Link> tap = Links.find(links, vmInterface.port().tap());
    if (bridge.isEmpty() || tap.isEmpty() || host.fence().isClosed(tap.get().name())) {
      return;
    }
    learn(bridge.get(), tap.get(), vmInterface.mac());
    List<byte[]> frames = AnnouncementFrames.announcing(vmInterface);
    for (Link port : links) {
      if (port.masterIndex() == bridge.get().index()
          && port.index() != tap.get().index()
          && port.forwarding()
          && !host.fence().isClosed(port.name())) {
        try (FrameSender sender = new FrameSender(port.index())) {
          frames.forEach(sender::send);
        } catch (KernelException e) {
          // A port that went away since the list was made needs no announcement.
        }
      }
    }
  }

  /** An entry that points at the tap already stays as it is: libvirt may have set it by hand. */
  private void learn(Link bridge, Link tap, MacAddress mac) {
    boolean known =
        host.forwarding()
            .find(bridge.index(), mac)
            .filter(entry -> entry.portIndex() == tap.index())
            .isPresent();
    if (!known) {
      host.forwarding().point(tap.index(), mac, Lasting.LEARNED);
    }
  }

  @Override
  public void close() {
    announcements.stop();
    trickle.close();
    forget();
  }

  private synchronized void forget() {
    host.fence().open(taps());
    senders.values().forEach(FrameSender::close);
    senders.clear();
  }

  private List<String> taps() {
    return interfaces.stream().map(vmInterface -> vmInterface.port().tap()).toList();
  }
}
