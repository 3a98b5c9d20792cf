package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.NetworkNamespace;
import org.holdfast.takeover.ConnectionToHold;
import org.holdfast.takeover.FrameCount;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.HeldStatistics;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.ReachedConnection;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.VmInterface;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Take over, hold and give back on one host, with a real server and peers that never stop. */
@Tag("kernel")
@Timeout(60)
class OneHostCycleTest {

  @Test
  void everyByteArrivesAndThePeersNoticeNothing() throws Exception {
    try (TestNetwork network = new TestNetwork(2);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace());
        GuestProcess guest = new GuestProcess(network.guest())) {
      List<PeerStream> streams = new ArrayList<>();
      for (String address : List.of("10.77.0.1", "fd77:0::1", "10.77.1.1", "fd77:1::1")) {
        streams.add(new PeerStream(network.peer(), TestNetwork.address(address), true));
      }
      streams.add(new PeerStream(network.peer(), TestNetwork.address("10.77.0.1"), false));
      Thread.sleep(1000);
      try (WireTap first = new WireTap(network.peer(), "eth0", TestNetwork.mac(0));
          WireTap second = new WireTap(network.peer(), "eth1", TestNetwork.mac(1))) {
        for (int round = 0; round < 2; round++) {
          cycle(network, host, guest, streams);
          Thread.sleep(500);
        }
        for (WireTap tap : List.of(first, second)) {
          assertThat(tap.voices()).containsExactly(61, 64, 61, 64, 61);
          assertThat(tap.farewells()).isEmpty();
          assertThat(tap.segments()).isGreaterThan(1000);
        }
      }
      for (PeerStream stream : streams) {
        assertThat(stream.finish()).isEmpty();
        System.out.println(stream);
        stream.close();
      }
      assertThat(guest.complaints()).doesNotContain("IOException").doesNotContain("EPERM");
      assertThat(host.leftovers().find()).isEmpty();
    }
  }

  private static void cycle(
      TestNetwork network, LinuxHostNetwork host, GuestProcess guest, List<PeerStream> streams)
      throws Exception {
    List<VmInterface> interfaces = network.vmInterfaces();
    int found = guest.findConnections();
    assertThat(found).isEqualTo(streams.size());
    streams.forEach(PeerStream::forgetSilence);
    PeerCounters before = PeerCounters.read(network.peer());
    try (GuestPorts guestPorts = host.guestPorts(interfaces);
        TakeoverNamespace takeover = host.prepare(interfaces, HoldOptions.defaults())) {
      takeOver(takeover, guest, found);
      System.out.println("peer, take over: " + PeerCounters.read(network.peer()).since(before));
      try (NamespaceThread inside =
          NetworkNamespace.open(takeover.name()).startThread("test-inside")) {
        System.out.println("copies, take over: " + PeerCounters.read(inside));
      }
      long verified = streams.get(streams.size() - 1).verifiedBytes();
      Thread.sleep(700);
      List<HeldStatistics> held = takeover.connections().statistics();
      assertThat(held).hasSize(found);
      assertThat(held.stream().filter(copy -> copy.receivedBytes() > 100_000)).hasSize(4);
      assertThat(streams.get(streams.size() - 1).verifiedBytes()).isGreaterThan(verified);
      giveBack(takeover, guestPorts, guest);
    }
    System.out.println("peer, in all: " + PeerCounters.read(network.peer()).since(before));
  }

  private static void takeOver(TakeoverNamespace takeover, GuestProcess guest, int found) {
    long begin = System.nanoTime();
    takeover.fence();
    long fenced = System.nanoTime();
    guest.freeze();
    List<ConnectionToHold> exported = guest.export();
    guest.thaw();
    long exportedAt = System.nanoTime();
    assertThat(takeover.connections().recreate(exported)).isEmpty();
    assertThat(takeover.connections().size()).isEqualTo(found);
    long recreated = System.nanoTime();
    takeover.open();
    long opened = System.nanoTime();
    takeover.connections().release();
    long released = System.nanoTime();
    FrameCount replayed = takeover.replayParked();
    long end = System.nanoTime();
    takeover.announce();
    System.out.printf(
        "%d take over: fence %.2f, export %.2f, recreate %.2f, open %.2f, release %.2f, replay %.2f"
            + " (%s), blackout %.2f ms%n",
        begin / 1_000_000,
        millis(begin, fenced),
        millis(fenced, exportedAt),
        millis(exportedAt, recreated),
        millis(recreated, opened),
        millis(opened, released),
        millis(released, end),
        replayed,
        millis(begin, end));
    assertThat(replayed.lost()).isZero();
  }

  private static void giveBack(
      TakeoverNamespace takeover, GuestPorts guestPorts, GuestProcess guest) {
    long begin = System.nanoTime();
    takeover.shut();
    long shut = System.nanoTime();
    List<ReachedConnection> reached = new ArrayList<>();
    takeover.connections().exportAll(copy -> reached.add(GuestProcess.copy(copy)));
    long exported = System.nanoTime();
    guest.freeze();
    reached.forEach(guest::conform);
    long conformed = System.nanoTime();
    guestPorts.open();
    guest.release();
    long released = System.nanoTime();
    FrameCount injected = takeover.handOver(guestPorts::inject);
    guest.thaw();
    long end = System.nanoTime();
    guestPorts.announce();
    System.out.printf(
        "%d give back: shut %.2f, export %.2f, conform %.2f, open+release %.2f, hand over %.2f (%s),"
            + " blackout %.2f ms%n",
        begin / 1_000_000,
        millis(begin, shut),
        millis(shut, exported),
        millis(exported, conformed),
        millis(conformed, released),
        millis(released, end),
        injected,
        millis(begin, end));
  }

  private static double millis(long from, long to) {
    return (to - from) / 1e6;
  }
}
