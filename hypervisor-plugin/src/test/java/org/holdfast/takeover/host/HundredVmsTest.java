package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.takeover.ConnectionToHold;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.ReachedConnection;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.VmInterface;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A host that is emptied for maintenance suspends all of its VMs: each has a namespace of its own.
 */
@Tag("kernel")
@Timeout(120)
class HundredVmsTest {
  private static final int VMS = 100;
  private static final int PAUSE_MILLIS = 50;

  private final List<PeerStream> streams = new ArrayList<>();
  private final List<GuestPorts> ports = new ArrayList<>();
  private final List<TakeoverNamespace> held = new ArrayList<>();

  /** One program plays all of them: on each of its interfaces it has a connection. */
  @Test
  void oneHostHoldsThemAllAndGivesEachItsOwn() throws Exception {
    try (TestNetwork network = new TestNetwork(VMS);
        LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace());
        GuestProcess guest = new GuestProcess(network.guest())) {
      for (VmInterface vm : network.vmInterfaces()) {
        streams.add(new PeerStream(network.peer(), vm.addresses().get(0).address(), PAUSE_MILLIS));
      }
      Thread.sleep(500);
      assertThat(guest.findConnections()).isEqualTo(VMS);
      for (VmInterface vm : network.vmInterfaces()) {
        ports.add(host.guestPorts(List.of(vm)));
        held.add(host.prepare(List.of(vm), HoldOptions.defaults()));
      }
      takeOver(guest, network.vmInterfaces());
      Thread.sleep(1000);
      assertThat(held)
          .allSatisfy(
              one ->
                  assertThat(one.connections().statistics())
                      .singleElement()
                      .satisfies(copy -> assertThat(copy.receivedBytes()).isPositive()));
      giveBack(guest);

      for (PeerStream stream : streams) {
        assertThat(stream.finish()).isEmpty();
        stream.close();
      }
      held.forEach(TakeoverNamespace::close);
      ports.forEach(GuestPorts::close);
      assertThat(host.leftovers().find()).isEmpty();
    }
  }

  private void takeOver(GuestProcess guest, List<VmInterface> vms) {
    held.forEach(TakeoverNamespace::fence);
    guest.freeze();
    List<ConnectionToHold> exported = guest.export();
    guest.thaw();
    for (ConnectionToHold connection : exported) {
      int vm = connection.export().snapshot().local().getAddress().getAddress()[2];
      ConnectionToHold own =
          new ConnectionToHold(connection.index(), connection.export(), vms.get(vm).port().mac());
      assertThat(held.get(vm).connections().recreate(List.of(own))).isEmpty();
    }
    for (TakeoverNamespace one : held) {
      one.open();
      one.connections().release();
      one.keep(new byte[0]);
      one.replayParked();
      one.announce();
    }
  }

  private void giveBack(GuestProcess guest) {
    List<ReachedConnection> reached = new ArrayList<>();
    for (TakeoverNamespace one : held) {
      one.shut();
      one.connections().exportAll(copy -> reached.add(GuestProcess.copy(copy)));
    }
    assertThat(reached).hasSize(VMS);
    guest.freeze();
    reached.forEach(guest::conform);
    for (int vm = 0; vm < VMS; vm++) {
      held.get(vm).passOnParked(ports.get(vm)::inject);
      ports.get(vm).open();
      held.get(vm).handOver(ports.get(vm)::inject);
    }
    guest.release();
    guest.thaw();
    ports.forEach(GuestPorts::announce);
  }
}
