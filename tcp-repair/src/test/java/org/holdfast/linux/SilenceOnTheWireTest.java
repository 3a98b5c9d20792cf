package org.holdfast.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.holdfast.linux.NetworkNamespaces.Place;
import org.holdfast.tcp.SocketFamily;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Seen from the peer: no FIN, no RST, from the first fence to the last opening. */
@Tag("kernel")
class SilenceOnTheWireTest {
  private static final int FIN_OR_RST = 0x05;

  @ParameterizedTest
  @EnumSource
  void noFinNoReset(SocketFamily family) {
    try (NetworkNamespaces network = new NetworkNamespaces();
        TcpPair pair = TcpPair.connect(network, family);
        PacketSocket wire =
            network
                .in(Place.PEER)
                .call(
                    () ->
                        PacketSocket.open(
                            NetworkInterfaces.index("eth0"), 64 << 20, false, List.of()))) {
      for (int round = 0; round < 3; round++) {
        ByteBuffer queued = Traffic.bytes(round, 500_000);
        pair.guest().sendWhatFits(queued);
        try (Takeover takeover = Takeover.of(network, pair)) {
          pair.peer().send(Traffic.bytes(round, 300_000));
          takeover.giveBack();
        }
        Traffic.expect(pair.guest(), Traffic.bytes(round, 300_000));
        Traffic.expect(pair.peer(), queued.flip());
      }
      Seen seen = readAll(wire);
      assertThat(wire.statistics().dropped()).as("frames missed").isZero();
      assertThat(seen.segments()).as("segments seen").isGreaterThan(50);
      assertThat(seen.finsAndResets()).isZero();
    }
  }

  private record Seen(int segments, int finsAndResets) {}

  private static Seen readAll(PacketSocket wire) {
    ByteBuffer frame = ByteBuffer.allocateDirect(1 << 17);
    int segments = 0;
    int finsAndResets = 0;
    while (wire.receive(frame.clear()) >= 0) {
      int flags = tcpFlags(frame.flip());
      if (flags >= 0) {
        segments++;
        finsAndResets += (flags & FIN_OR_RST) != 0 ? 1 : 0;
      }
    }
    return new Seen(segments, finsAndResets);
  }

  /** Flags of a TCP segment, -1 for other frames. */
  private static int tcpFlags(ByteBuffer frame) {
    int type = frame.getShort(12) & 0xFFFF;
    if (type == 0x0800 && frame.get(23) == LinuxConstants.IPPROTO_TCP) {
      return frame.get(14 + (frame.get(14) & 0xF) * 4 + 13);
    }
    if (type == 0x86DD && frame.get(20) == LinuxConstants.IPPROTO_TCP) {
      return frame.get(54 + 13);
    }
    return -1;
  }
}
