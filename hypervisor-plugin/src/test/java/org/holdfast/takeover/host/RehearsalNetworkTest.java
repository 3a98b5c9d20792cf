package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.holdfast.takeover.ConnectionToHold;
import org.holdfast.takeover.FrameCount;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.ParkedFrame;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpSnapshot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A rehearsal in which nobody talks leaves what matters in a blackout unrehearsed. */
@Tag("kernel")
class RehearsalNetworkTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int CONNECTIONS = 3;
  private static final int UNSENT_BYTES = 1000;

  @Test
  void peersTalkWhileTheyAreHeldAndAfterwards() throws Exception {
    try (RehearsalNetwork stage = RehearsalNetwork.create();
        TakeoverNamespace takeover =
            stage.network().prepare(List.of(stage.vmInterface()), HoldOptions.defaults())) {
      List<TcpSnapshot> ends = stage.connections(CONNECTIONS, UNSENT_BYTES);
      try (RehearsalPeers peers = stage.peers(ends)) {
        takeover.fence();
        assertThat(takeover.connections().recreate(toHold(ends))).isEmpty();
        takeover.open();
        takeover.connections().release();
        takeover.replayParked();

        Await.until(
            PATIENCE,
            () ->
                takeover.connections().statistics().stream()
                    .allMatch(
                        held -> held.receivedBytes() > 0 && held.deliveredBytes() == UNSENT_BYTES));

        takeover.shut();
        List<ParkedFrame> parked = new ArrayList<>();
        FrameCount[] count = {FrameCount.NONE};
        Await.until(
            PATIENCE,
            () -> {
              count[0] = count[0].plus(takeover.passOnParked(parked::add));
              return count[0].frames() >= CONNECTIONS;
            });
        assertThat(peers).isNotNull();
      }
    }
  }

  private static List<ConnectionToHold> toHold(List<TcpSnapshot> ends) {
    return IntStream.range(0, ends.size())
        .mapToObj(
            i ->
                new ConnectionToHold(
                    i,
                    new TcpExport(
                        ends.get(i),
                        ByteBuffer.allocateDirect(0),
                        ByteBuffer.allocateDirect(UNSENT_BYTES)),
                    null))
        .toList();
  }
}
