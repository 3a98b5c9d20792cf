package org.holdfast.takeover.host;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.linux.DeviceOffloads;
import org.holdfast.linux.KernelException;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.NetworkNamespace;
import org.holdfast.linux.Nftables;
import org.holdfast.linux.NftablesException;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.takeover.TakeoverException.Code;
import org.holdfast.takeover.VmInterface;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds a takeover namespace beside a running VM without a sound: its ports are fenced before they
 * exist, and the rules of silence stand before it has an address.
 */
final class NamespaceBuilder {
  private static final Logger LOG = LoggerFactory.getLogger(NamespaceBuilder.class);

  /**
   * The kernel tells a bridge of a new port's carrier at once, or with up to a second's delay
   * (net/core/link_watch.c: an event is urgent only if the two ends' interface numbers differ).
   */
  private static final int FORWARDING_WAIT_MILLIS = 3000;

  private static final int SMALLEST_MTU = 68;
  private static final int LARGEST_MTU = 65535;

  private final HostContext host;
  private final List<VmInterface> interfaces;
  private final HoldOptions options;
  private final OwnNames names = OwnNames.random();
  private final List<String> ownPorts;

  NamespaceBuilder(HostContext host, List<VmInterface> interfaces, HoldOptions options) {
    this.host = host;
    this.interfaces = List.copyOf(interfaces);
    this.options = options;
    this.ownPorts = names.ports(interfaces.size());
  }

  /** Everything, or nothing at all. */
  BuiltNamespace build() {
    List<Link> links = host.links();
    for (VmInterface vmInterface : interfaces) {
      requirePort(links, vmInterface);
    }
    Demolition demolition = new Demolition(host, names, ownPorts);
    try {
      host.fence().close(ownPorts);
      NamespaceKeeper kept = NamespaceKeeper.start(host, names);
      demolition.alsoEnd(kept);
      NetworkNamespace namespace = NetworkNamespace.create(names.namespace());
      NamespaceThread inside = namespace.startThread(names.namespace());
      demolition.alsoEnd(inside);
      Nftables nftables = inside.call(Nftables::new);
      demolition.alsoClose(nftables);
      inside.call(
          () -> {
            nftables.run(SilenceRules.TABLE);
            KernelSettings.apply();
            return true;
          });
      host.commands().call(this::addLinks);
      FilterCopies.make(host, demolition, standIns());
      inside.call(this::configureInside);
      FrameKeeper keeper = FrameKeeper.begin(inside, nftables, interfaces, options);
      demolition.alsoClose(keeper);
      host.commands().call(this::raisePorts);
      awaitForwarding();
      List<PlayedInterface> played =
          PlayedInterface.all(host, demolition, names, interfaces, options.parkedBytes());
      requireFenced();
      return new BuiltNamespace(names, inside, nftables, played, keeper, kept, demolition);
    } catch (KernelException | NftablesException e) {
      demolition.run();
      throw new TakeoverException(
          Code.NAMESPACE_FAILED, "the takeover namespace could not be made: " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      demolition.run();
      throw e;
    }
  }

  private static void requirePort(List<Link> links, VmInterface vmInterface) {
    Links.port(links, vmInterface.port().bridge(), vmInterface.port().tap());
    if (Links.bridge(links, vmInterface.port().bridge()).vlanFiltering()) {
      throw new TakeoverException(
          Code.UNSUPPORTED_HOST,
          "the bridge '"
              + vmInterface.port().bridge()
              + "' filters VLANs, which is not supported; use one bridge for each VLAN");
    }
    if (vmInterface.mtu() < SMALLEST_MTU || vmInterface.mtu() > LARGEST_MTU) {
      throw new TakeoverException(
          Code.NAMESPACE_FAILED, "no interface has an MTU of " + vmInterface.mtu());
    }
  }

  private boolean addLinks() {
    IpBatch batch = new IpBatch();
    for (int i = 0; i < interfaces.size(); i++) {
      VmInterface vm = interfaces.get(i);
      addPair(batch, vm, names.takeoverPort(i), 2 * i, OwnNames.inside(i), "address " + vm.mac());
      addPair(batch, vm, names.parkingPort(i), 2 * i + 1, OwnNames.insideParking(i), "");
    }
    batch.run();
    for (String port : ownPorts) {
      DeviceOffloads.disableForSending(port);
    }
    return true;
  }

  /**
   * What the VM sends and hears comes through one port of ours, what waits for it through another.
   */
  private List<StandIn> standIns() {
    List<StandIn> standIns = new ArrayList<>();
    for (int i = 0; i < interfaces.size(); i++) {
      String tap = interfaces.get(i).port().tap();
      standIns.add(new StandIn(tap, names.takeoverPort(i)));
      standIns.add(new StandIn(tap, names.parkingPort(i)));
    }
    return standIns;
  }

  /**
   * A port that is a multicast router gets all multicast, neighbour solicitations among it, even
   * where the bridge snoops: the namespace reports no group memberships.
   */
  private void addPair(
      IpBatch batch, VmInterface vm, String port, int number, String inside, String insideMac) {
    batch.add(
        "link add %s mtu %d address %s type veth peer name %s mtu %d %s netns %s",
        port, vm.mtu(), names.portMac(number), inside, vm.mtu(), insideMac, names.namespace());
    batch.add("link set %s addrgenmode none", port);
    batch.add("link set %s master %s", port, vm.port().bridge());
    batch.add("link set %s type bridge_slave mcast_router 2", port);
  }

  private boolean configureInside() {
    IpBatch essential = new IpBatch().add("link set lo up");
    IpBatch useful = new IpBatch();
    for (int i = 0; i < interfaces.size(); i++) {
      essential.add("link set %s arp off addrgenmode none up", OwnNames.insideParking(i));
      essential.add("link set %s up", OwnNames.inside(i));
      AddressPlan plan = new AddressPlan(interfaces.get(i), OwnNames.inside(i));
      plan.addAddresses(essential);
      plan.addRoutes(useful);
    }
    essential.run();
    for (int i = 0; i < interfaces.size(); i++) {
      DeviceOffloads.disableForSending(OwnNames.insideParking(i));
    }
    if (!useful.isEmpty()) {
      String complaints = useful.runAll();
      if (!complaints.isEmpty()) {
        LOG.warn("{}: some routes of the VM are not taken over: {}", names.namespace(), complaints);
      }
    }
    return true;
  }

  private boolean raisePorts() {
    IpBatch batch = new IpBatch();
    ownPorts.forEach(port -> batch.add("link set %s up", port));
    batch.run();
    return true;
  }

  /** A bridge that runs the spanning tree protocol lets new ports wait for half a minute. */
  private void awaitForwarding() {
    long deadline = System.nanoTime() + FORWARDING_WAIT_MILLIS * 1_000_000L;
    while (!allForwarding()) {
      if (System.nanoTime() > deadline) {
        throw new TakeoverException(
            Code.UNSUPPORTED_HOST,
            "the bridge does not let new ports in at once; switch its spanning tree protocol off");
      }
      Thread.onSpinWait();
    }
  }

  private boolean allForwarding() {
    return host.links().stream()
            .filter(link -> ownPorts.contains(link.name()) && link.forwarding())
            .count()
        == ownPorts.size();
  }

  /** Read back now, not in the blackout: is the fence really there? */
  private void requireFenced() {
    if (!host.fence().closedPorts().containsAll(ownPorts)) {
      throw new TakeoverException(
          Code.FENCE_FAILED, "the fence around the takeover namespace is not there");
    }
  }
}
