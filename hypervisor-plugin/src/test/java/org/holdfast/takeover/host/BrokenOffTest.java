package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.HeldStatistics;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.ReachedConnection;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.VmInterface;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What begins is not always finished. */
@Tag("kernel")
@Timeout(60)
class BrokenOffTest {

  @Test
  void aTakeoverGivenUpAfterTheFenceLeavesTheGuestAsItWas() throws Exception {
    try (TestNetwork network = new TestNetwork(2);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace());
        GuestProcess guest = new GuestProcess(network.guest())) {
      List<PeerStream> streams = OneHost.streams(network);
      Thread.sleep(300);
      List<VmInterface> interfaces = network.vmInterfaces();
      try (WireTap tap = new WireTap(network.peer(), "eth0", TestNetwork.mac(0));
          GuestPorts guestPorts = host.guestPorts(interfaces);
          TakeoverNamespace takeover = host.prepare(interfaces, HoldOptions.defaults())) {
        takeover.fence();
        Thread.sleep(20);
        takeover.passOnParked(guestPorts::inject);
        guestPorts.open();
        takeover.handOver(guestPorts::inject);
        assertThat(tap.voices()).containsExactly(TestNetwork.GUEST_HOP_LIMIT);
      }
      assertThat(host.leftovers().find()).isEmpty();
      Thread.sleep(300);
      finish(streams);
    }
  }

  @Test
  void aClaimThatBreaksIsAnsweredByHoldingOn() throws Exception {
    try (TestNetwork network = new TestNetwork(2);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace());
        GuestProcess guest = new GuestProcess(network.guest())) {
      List<PeerStream> streams = OneHost.streams(network);
      Thread.sleep(300);
      List<VmInterface> interfaces = network.vmInterfaces();
      int found = guest.findConnections();
      try (GuestPorts guestPorts = host.guestPorts(interfaces);
          TakeoverNamespace takeover = host.prepare(interfaces, HoldOptions.defaults())) {
        OneHost.takeOver(takeover, guest, found);
        Thread.sleep(300);
        takeover.shut();
        List<ReachedConnection> claimed = new ArrayList<>();
        takeover.connections().exportAll(claimed::add);
        assertThat(claimed).hasSize(found);

        takeover.open();
        takeover.connections().resumeHolding();
        takeover.replayParked();
        takeover.announce();
        long before = received(takeover);
        Thread.sleep(300);
        assertThat(received(takeover)).isGreaterThan(before + 200_000);
        OneHost.giveBack(takeover, guestPorts, guest);
      }
      Thread.sleep(300);
      finish(streams);
    }
  }

  private static long received(TakeoverNamespace takeover) {
    return takeover.connections().statistics().stream()
        .mapToLong(HeldStatistics::receivedBytes)
        .sum();
  }

  @Test
  void copiesAreDroppedWithoutAWord() throws Exception {
    try (TestNetwork network = new TestNetwork(2);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace());
        GuestProcess guest = new GuestProcess(network.guest())) {
      List<PeerStream> streams = OneHost.streams(network);
      Thread.sleep(300);
      int found = guest.findConnections();
      try (WireTap tap = new WireTap(network.peer(), "eth0", TestNetwork.mac(0))) {
        try (TakeoverNamespace takeover =
            host.prepare(network.vmInterfaces(), HoldOptions.defaults())) {
          OneHost.takeOver(takeover, guest, found);
          Thread.sleep(300);
        }
        tap.voices();
        assertThat(tap.farewells()).isEmpty();
      }
      assertThat(host.leftovers().find()).isEmpty();
      for (PeerStream stream : streams) {
        stream.close();
      }
    }
  }

  private static void finish(List<PeerStream> streams) throws Exception {
    for (PeerStream stream : streams) {
      assertThat(stream.finish()).isEmpty();
      stream.close();
    }
  }
}
