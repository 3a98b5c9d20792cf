package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.HeldStatistics;
import org.holdfast.takeover.KeptNamespace;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.TakeoverNamespace.Stage;
import org.holdfast.takeover.host.DaemonProcess.Until;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The process that holds connections is killed with SIGKILL: its peers must not notice. */
@Tag("kernel")
@Timeout(120)
class KilledDaemonTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long ENOUGH_FOR_ALL_SPOOLS = 12 << 20;

  @TempDir Path spool;

  private final TestNetwork network = new TestNetwork(1);
  private final List<PeerStream> streams = new ArrayList<>();
  private GuestProcess guest;
  private WireTap wire;

  @BeforeEach
  void connect() throws Exception {
    guest = new GuestProcess(network.guest());
    for (String address : List.of("10.77.0.1", "fd77:0::1")) {
      streams.add(new PeerStream(network.peer(), TestNetwork.address(address), true));
    }
    streams.add(new PeerStream(network.peer(), TestNetwork.address("10.77.0.1"), false));
    Await.until(
        PATIENCE, () -> streams.stream().allMatch(stream -> stream.verifiedBytes() > 100_000));
    wire = new WireTap(network.peer(), "eth0", TestNetwork.mac(0));
  }

  @AfterEach
  void leave() throws Exception {
    try (network;
        GuestProcess ending = guest) {
      wire.close();
      for (PeerStream stream : streams) {
        assertThat(stream.finish()).isEmpty();
      }
      assertThat(wire.farewells()).isEmpty();
      // Before any peer closes: what it has not read then is answered with a reset.
      assertThat(ending.complaints()).isEmpty();
      for (PeerStream stream : streams) {
        stream.close();
      }
      try (LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace())) {
        assertThat(host.leftovers().find()).isEmpty();
      }
    }
  }

  /** Each of them is killed while its spools are being written to. */
  @Test
  void threeInARowAreKilledAndNoByteIsLost() throws Exception {
    DaemonProcess first = DaemonProcess.run(Until.HELD, network, guest, spool);
    long verified = streams.get(2).verifiedBytes();
    first.kill();
    Await.until(PATIENCE, () -> streams.get(2).verifiedBytes() > verified);
    for (int i = 0; i < 2; i++) {
      DaemonProcess next = DaemonProcess.run(Until.TAKEN_UP, network, guest, spool);
      Thread.sleep(500);
      next.kill();
    }
    try (LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace())) {
      TakeoverNamespace held = takeUp(host);
      assertThat(held.stage()).isEqualTo(Stage.OPEN);
      Await.until(PATIENCE, () -> received(held) > ENOUGH_FOR_ALL_SPOOLS);
      giveBack(host, held);
    }
  }

  /** A claim was under way: whoever made it may have opened the VM's port. Nobody else speaks. */
  @Test
  void copiesThatWereSilentStaySilent() throws Exception {
    DaemonProcess.run(Until.SHUT, network, guest, spool).kill();
    try (LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace())) {
      TakeoverNamespace held = takeUp(host);
      assertThat(held.stage()).isEqualTo(Stage.PARKING);
      giveBack(host, held);
    }
  }

  @Test
  void aClaimThatBrokeWithTheDaemonIsAnsweredByTheNextOne() throws Exception {
    DaemonProcess.run(Until.SHUT, network, guest, spool).kill();
    try (LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace())) {
      TakeoverNamespace held = takeUp(host);
      held.open();
      held.connections().resumeHolding();
      held.replayParked();
      long before = received(held);
      Await.until(PATIENCE, () -> received(held) > before + 100_000);
      giveBack(host, held);
    }
  }

  /** Nothing was acknowledged yet: the guest has all it needs. */
  @Test
  void aTakeoverThatWasNotCompleteLeavesTheGuestItsSockets() throws Exception {
    DaemonProcess.run(Until.RECREATED, network, guest, spool).kill();
    try (LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace())) {
      assertThat(host.kept()).isEmpty();
      assertThat(host.fence().closedPorts()).contains("vnet0");
      host.leftovers().remove();
      assertThat(host.fence().closedPorts()).isEmpty();
      List<Long> verified = streams.stream().map(PeerStream::verifiedBytes).toList();
      Await.until(PATIENCE, () -> streams.get(0).verifiedBytes() > verified.get(0) + 10_000);
    }
  }

  private TakeoverNamespace takeUp(LinuxHostNetwork host) {
    List<KeptNamespace> kept = host.kept();
    assertThat(kept).hasSize(1);
    assertThat(kept.get(0).note()).asString(StandardCharsets.UTF_8).isEqualTo("remember this");
    TakeoverNamespace held = kept.get(0).takeUp(DaemonProcess.options(spool));
    assertThat(host.leftovers().find()).as("all of it is in use").isEmpty();
    assertThat(held.connections().size()).isEqualTo(streams.size());
    return held;
  }

  private void giveBack(LinuxHostNetwork host, TakeoverNamespace held) throws Exception {
    try (GuestPorts ports = host.guestPorts(network.vmInterfaces())) {
      assertThat(guest.findConnections()).isEqualTo(streams.size());
      OneHost.giveBack(held, ports, guest);
      held.close();
    }
    assertThat(host.leftovers().find()).isEmpty();
  }

  private static long received(TakeoverNamespace held) {
    return held.connections().statistics().stream().mapToLong(HeldStatistics::receivedBytes).sum();
  }
}
