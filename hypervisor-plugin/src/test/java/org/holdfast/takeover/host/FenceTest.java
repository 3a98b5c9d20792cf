package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.holdfast.linux.Nftables;
import org.holdfast.takeover.Fence;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.ParkedFrame;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.host.Frames.Ear;
import org.holdfast.wire.MacAddress;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("kernel")
@Timeout(60)
class FenceTest {
  private static final MacAddress GUEST = TestNetwork.mac(0);
  private static final MacAddress PEER = MacAddress.of("52:54:00:99:00:01");

  @Test
  void aClosedPortNeitherSendsNorReceives() {
    try (TestNetwork network = new TestNetwork(1);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace());
        Ear peer = new Ear(network.peer(), "eth0");
        Ear guest = new Ear(network.guest(), "eth0")) {
      Fence fence = host.fence();
      speakBothWays(network, 1);
      assertThat(peer.words(GUEST)).containsExactly(1);
      assertThat(guest.words(PEER)).containsExactly(1);

      fence.close(List.of("vnet0"));
      assertThat(fence.closedPorts()).containsExactly("vnet0");
      speakBothWays(network, 2);
      assertThat(peer.words(GUEST)).isEmpty();
      assertThat(guest.words(PEER)).isEmpty();

      fence.open(List.of("vnet0"));
      speakBothWays(network, 3);
      assertThat(peer.words(GUEST)).containsExactly(3);
      assertThat(guest.words(PEER)).containsExactly(3);
      assertThat(host.leftovers().find()).isEmpty();
    }
  }

  private static void speakBothWays(TestNetwork network, int word) {
    Frames.send(network.guest(), "eth0", Frames.frame(Frames.BROADCAST, GUEST, word));
    Frames.send(network.peer(), "eth0", Frames.frame(GUEST, PEER, word));
  }

  @Test
  void theBridgeLearnsNothingFromAClosedPort() {
    MacAddress secret = MacAddress.of("52:54:00:99:00:02");
    try (TestNetwork network = new TestNetwork(1);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace())) {
      host.fence().close(List.of("vnet0"));
      Frames.send(network.guest(), "eth0", Frames.frame(Frames.BROADCAST, secret, 1));
      assertThat(Bridges.behind(network.host(), "br0", secret)).isEmpty();

      host.fence().open(List.of("vnet0"));
      Frames.send(network.guest(), "eth0", Frames.frame(Frames.BROADCAST, secret, 1));
      assertThat(Bridges.behind(network.host(), "br0", secret)).contains("vnet0");
    }
  }

  @Test
  void evenWhatPassesTheFenceMovesNoFrameBackToTheGuest() {
    try (TestNetwork network = new TestNetwork(1);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace());
        TakeoverNamespace takeover = host.prepare(network.vmInterfaces(), HoldOptions.defaults())) {
      takeover.fence();
      Frames.send(network.guest(), "eth0", Frames.frame(Frames.NEAREST_BRIDGE, GUEST, 1));
      assertThat(Bridges.behind(network.host(), "br0", GUEST).orElseThrow())
          .matches("hf[0-9a-f]{6}k0");
      takeover.open();
      takeover.replayParked();
      Frames.send(network.guest(), "eth0", Frames.frame(Frames.NEAREST_BRIDGE, GUEST, 2));
      assertThat(Bridges.behind(network.host(), "br0", GUEST).orElseThrow())
          .matches("hf[0-9a-f]{6}t0");
    }
  }

  @Test
  void framesForTheGuestAreParkedInOrderAndHandedOver() {
    try (TestNetwork network = new TestNetwork(1);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace());
        GuestPorts ports = host.guestPorts(network.vmInterfaces());
        TakeoverNamespace takeover = host.prepare(network.vmInterfaces(), HoldOptions.defaults())) {
      takeover.fence();
      Frames.send(
          network.peer(),
          "eth0",
          Frames.frame(GUEST, PEER, 1),
          Frames.frame(MacAddress.of("52:54:00:99:00:07"), PEER, 2),
          Frames.frame(GUEST, PEER, 3),
          Frames.frame(Frames.BROADCAST, PEER, 4),
          Frames.frame(Frames.BROADCAST, GUEST, 5));
      try (Ear guest = new Ear(network.guest(), "eth0")) {
        takeover.passOnParked(ports::inject);
        assertThat(guest.words(PEER)).as("behind the fence an answer would be lost").isEmpty();
        Frames.send(network.peer(), "eth0", Frames.frame(GUEST, PEER, 6));
        ports.open();
        takeover.handOver(ports::inject);
        Frames.send(network.peer(), "eth0", Frames.frame(GUEST, PEER, 7));
        assertThat(guest.words(PEER)).containsExactly(1, 3, 4, 6, 7);
        assertThat(guest.words(GUEST)).isEmpty();
      }
    }
  }

  @Test
  void whileTheVmIsElsewhereFramesAreParkedUntilTheEnd() {
    try (TestNetwork network = new TestNetwork(1);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace());
        TakeoverNamespace takeover = host.prepare(network.vmInterfaces(), HoldOptions.defaults())) {
      List<ParkedFrame> passedOn = new ArrayList<>();
      // The network's own multicasts, of which there may be any number, are parked too.
      Consumer<ParkedFrame> forGuest =
          frame -> {
            if (MacAddress.at(frame.frame(), 0).equals(GUEST)) {
              passedOn.add(frame);
            }
          };
      takeover.fence();
      Frames.send(network.peer(), "eth0", Frames.frame(GUEST, PEER, 1));
      takeover.handOver(forGuest);
      assertThat(passedOn).hasSize(1);
      Frames.send(network.peer(), "eth0", Frames.frame(GUEST, PEER, 2));
      takeover.passOnParked(forGuest);
      assertThat(passedOn).as("the network does not know yet").hasSize(2);
      takeover.close();
      assertThat(Bridges.behind(network.host(), "br0", GUEST)).isEmpty();
    }
  }

  @Test
  void aVlanTagIsParkedWithItsFrame() throws Exception {
    try (TestNetwork network = new TestNetwork(1);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace());
        GuestPorts ports = host.guestPorts(network.vmInterfaces());
        TakeoverNamespace takeover = host.prepare(network.vmInterfaces(), HoldOptions.defaults())) {
      Nftables counting = network.guest().call(() -> countingTagged());
      takeover.fence();
      Frames.send(network.peer(), "eth0", Frames.tagged(GUEST, PEER));
      takeover.open();
      takeover.replayParked();
      Frames.send(network.peer(), "eth0", Frames.tagged(GUEST, PEER));
      takeover.shut();
      Frames.send(network.peer(), "eth0", Frames.tagged(GUEST, PEER));
      ports.open();
      takeover.handOver(ports::inject);
      assertThat(network.guest().call(() -> counting.run("list table netdev count")))
          .as("parked, kept and parked again")
          .contains("counter packets 3 ");
      network.guest().call(() -> close(counting));
    }
  }

  private static Nftables countingTagged() {
    Nftables nftables = new Nftables();
    nftables.run(
        """
        add table netdev count
        add chain netdev count in { type filter hook ingress device "eth0" priority 0; }
        add rule netdev count in vlan id 5 counter
        """);
    return nftables;
  }

  private static boolean close(Nftables nftables) {
    nftables.close();
    return true;
  }

  @Test
  void aPortCanBeClosedBeforeItExists() {
    try (TestNetwork network = new TestNetwork(1);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace());
        GuestPorts ports = host.guestPorts(network.vmInterfaces());
        Ear peer = new Ear(network.peer(), "eth0")) {
      network.host().call(() -> TestNetwork.run(new IpBatch().add("link delete vnet0")));
      ports.fence();
      network.host().call(() -> TestNetwork.run(newTap(network)));
      network.guest().call(() -> TestNetwork.run(new IpBatch().add("link set eth0 up")));
      Frames.send(network.guest(), "eth0", Frames.frame(Frames.BROADCAST, GUEST, 1));
      assertThat(peer.words(GUEST)).isEmpty();
      ports.open();
      Frames.send(network.guest(), "eth0", Frames.frame(Frames.BROADCAST, GUEST, 2));
      assertThat(peer.words(GUEST)).containsExactly(2);
    }
  }

  private static IpBatch newTap(TestNetwork network) {
    return new IpBatch()
        .add(
            "link add vnet0 type veth peer name eth0 address %s netns %s",
            GUEST, network.guestNamespace().name())
        .add("link set vnet0 master br0 up");
  }

  /** An administrator's "flush ruleset" in the middle of a migration. */
  @Test
  void aTableThatSomebodyElseDeletesIsMadeAgain() {
    try (TestNetwork network = new TestNetwork(2);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace())) {
      Fence fence = host.fence();
      fence.close(List.of("vnet0"));
      flushRules(network);

      fence.close(List.of("vnet1"));
      assertThat(fence.closedPorts()).containsExactly("vnet0", "vnet1");
      flushRules(network);
      fence.open(List.of("vnet0", "vnet1"));
      assertThat(fence.closedPorts()).isEmpty();
    }
  }

  private static void flushRules(TestNetwork network) {
    network
        .host()
        .call(
            () -> {
              try (Nftables others = new Nftables()) {
                return others.run("flush ruleset");
              }
            });
  }

  @Test
  void severalVmsShareTheTable() {
    try (TestNetwork network = new TestNetwork(2);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace())) {
      Fence fence = host.fence();
      fence.close(List.of("vnet0"));
      fence.swap(List.of("vnet1", "hf000000t0"), List.of("vnet0"));
      assertThat(fence.closedPorts()).containsExactly("hf000000t0", "vnet1");
      fence.open(List.of("hf000000t0", "vnet0"));
      assertThat(fence.closedPorts()).containsExactly("vnet1");
      assertThat(host.leftovers().find()).as("it belongs to somebody").isEmpty();
      try (LinuxHostNetwork restarted = LinuxHostNetwork.in(network.hostNamespace())) {
        assertThat(restarted.leftovers().find()).containsExactly("table bridge holdfast");
      }
      fence.open(List.of("vnet1"));
      assertThat(host.leftovers().find()).isEmpty();
    }
  }

  @Test
  void aNameThatIsNoPortsIsRefusedAndChangesNothing() {
    try (TestNetwork network = new TestNetwork(1);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace())) {
      Fence fence = host.fence();
      assertThatThrownBy(() -> fence.close(List.of("vnet0", "\" } ; flush ruleset")))
          .isInstanceOf(TakeoverException.class);
      assertThat(host.leftovers().find()).isEmpty();
    }
  }
}
