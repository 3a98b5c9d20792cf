package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.takeover.ConnectionToHold;
import org.holdfast.takeover.FrameCount;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.ReachedConnection;
import org.holdfast.takeover.TakeoverNamespace;

/** The order in which a daemon and an agent do their parts, on one host. */
final class OneHost {
  private OneHost() {}

  /** Four that echo, IPv4 and IPv6 on each interface, and a download. */
  static List<PeerStream> streams(TestNetwork network) throws IOException {
    List<PeerStream> streams = new ArrayList<>();
    for (String address : List.of("10.77.0.1", "fd77:0::1", "10.77.1.1", "fd77:1::1")) {
      streams.add(new PeerStream(network.peer(), TestNetwork.address(address), true));
    }
    streams.add(new PeerStream(network.peer(), TestNetwork.address("10.77.0.1"), false));
    return streams;
  }

  static void takeOver(TakeoverNamespace takeover, GuestProcess guest, int found) {
    takeover.fence();
    takeOverFenced(takeover, guest, found);
  }

  /** The rest of it, where the test has raised the fence itself. */
  static void takeOverFenced(TakeoverNamespace takeover, GuestProcess guest, int found) {
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
    takeover.keep(new byte[0]);
    long released = System.nanoTime();
    FrameCount replayed = takeover.replayParked();
    long end = System.nanoTime();
    takeover.announce();
    System.out.printf(
        "take over: export %.2f, recreate %.2f, open %.2f, release %.2f, replay %.2f"
            + " (%s), fence to release %.2f ms%n",
        millis(fenced, exportedAt),
        millis(exportedAt, recreated),
        millis(recreated, opened),
        millis(opened, released),
        millis(released, end),
        replayed,
        millis(fenced, released));
    assertThat(replayed.lost()).isZero();
  }

  /** Returns what was passed on to the guest. */
  static FrameCount giveBack(
      TakeoverNamespace takeover, GuestPorts guestPorts, GuestProcess guest) {
    Map<Integer, List<ByteBuffer>> early = new HashMap<>();
    Map<Integer, Integer> ahead =
        takeover
            .connections()
            .passAhead(
                (index, bytes) ->
                    early
                        .computeIfAbsent(index, unused -> new ArrayList<>())
                        .add(GuestProcess.copy(bytes)));
    long begin = System.nanoTime();
    if (takeover.stage() == TakeoverNamespace.Stage.OPEN) {
      takeover.shut();
    }
    long shut = System.nanoTime();
    List<ReachedConnection> reached = new ArrayList<>();
    takeover
        .connections()
        .exportAll(
            ahead,
            copy ->
                reached.add(GuestProcess.copy(copy, early.getOrDefault(copy.index(), List.of()))));
    long exported = System.nanoTime();
    guest.freeze();
    reached.forEach(guest::conform);
    long conformed = System.nanoTime();
    FrameCount parked = takeover.passOnParked(guestPorts::inject);
    guestPorts.open();
    FrameCount late = takeover.handOver(guestPorts::inject);
    long handedOver = System.nanoTime();
    guest.release();
    guest.thaw();
    long end = System.nanoTime();
    guestPorts.announce();
    System.out.printf(
        "give back: shut %.2f, export %.2f, conform %.2f, open+hand over %.2f (%s, %s), release %.2f,"
            + " blackout %.2f ms%n",
        millis(begin, shut),
        millis(shut, exported),
        millis(exported, conformed),
        millis(conformed, handedOver),
        parked,
        late,
        millis(handedOver, end),
        millis(begin, end));
    return parked.plus(late);
  }

  private static double millis(long from, long to) {
    return (to - from) / 1e6;
  }
}
