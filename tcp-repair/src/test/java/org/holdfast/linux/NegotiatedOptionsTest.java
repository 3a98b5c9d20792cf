package org.holdfast.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.holdfast.linux.NetworkNamespaces.Place;
import org.holdfast.tcp.NegotiatedOptions;
import org.holdfast.tcp.RepairSocket.AfterExport;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpExport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the SYNs agreed on holds after a takeover and a give-back, whatever it was. */
@Tag("kernel")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NegotiatedOptionsTest {
  private NetworkNamespaces network;

  @BeforeAll
  void buildNetwork() {
    network = new NetworkNamespaces();
  }

  @AfterAll
  void removeNetwork() {
    network.close();
  }

  static Stream<Arguments> agreements() {
    return Stream.of(SocketFamily.values())
        .flatMap(
            family ->
                IntStream.range(0, 8)
                    .mapToObj(
                        bits ->
                            Arguments.of(
                                family, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0)));
  }

  @ParameterizedTest
  @MethodSource("agreements")
  void handshakes(SocketFamily family, boolean timestamps, boolean sack, boolean scaling) {
    network.sysctl(Place.GUEST, "net/ipv4/tcp_timestamps", timestamps ? "1" : "0");
    network.sysctl(Place.GUEST, "net/ipv4/tcp_sack", sack ? "1" : "0");
    network.sysctl(Place.GUEST, "net/ipv4/tcp_window_scaling", scaling ? "1" : "0");
    network.open(Place.GUEST);
    try (TcpPair pair = TcpPair.connect(network, family)) {
      NegotiatedOptions options = takeOverAndBack(pair);
      assertThat(options.timestamps()).isEqualTo(timestamps);
      assertThat(options.sack()).isEqualTo(sack);
      assertThat(options.windowScaling()).isEqualTo(scaling);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14})
  void windowScales(int scale) {
    network.open(Place.GUEST);
    NegotiatedOptions options = TcpPair.usualOptions(scale, 14 - scale);
    try (TcpPair pair =
        TcpPair.fabricate(network, SocketFamily.IPV4, 1_000_000, 2_000_000, options)) {
      NegotiatedOptions after = takeOverAndBack(pair);
      assertThat(after.sendWindowScale()).isEqualTo(scale);
      assertThat(after.receiveWindowScale()).isEqualTo(14 - scale);
    }
  }

  /** The numbers wrap while held, in the queues, or in the traffic that follows. */
  @ParameterizedTest
  @ValueSource(ints = {-1, -1_000, -30_000, -200_000, -1_000_000, -8_000_000, 0x7FFFF000})
  void wrappingSequenceNumbers(int sequence) {
    network.open(Place.GUEST);
    for (SocketFamily family : SocketFamily.values()) {
      try (TcpPair pair =
          TcpPair.fabricate(
              network, family, sequence, sequence + 500, TcpPair.usualOptions(7, 7))) {
        takeOverAndBack(pair);
      }
    }
  }

  private NegotiatedOptions takeOverAndBack(TcpPair pair) {
    ByteBuffer unread = Traffic.bytes(1, 50_000);
    ByteBuffer queued = Traffic.bytes(2, 400_000);
    ByteBuffer whileHeld = Traffic.bytes(3, 2_000_000);
    Traffic.sending(pair.peer(), unread).join();
    pair.guest().sendWhatFits(queued);
    NegotiatedOptions before;
    NegotiatedOptions after;
    try (Takeover takeover = Takeover.of(network, pair)) {
      before = takeover.exported().options();
      Traffic.sending(pair.peer(), whileHeld).join();
      takeover.giveBack();
      TcpExport again =
          network
              .in(Place.GUEST)
              .call(() -> takeover.original().export(AfterExport.LEAVE_SILENTLY));
      after = again.snapshot().options();
    }
    assertThat(after).isEqualTo(before);
    Traffic.expect(pair.guest(), unread);
    Traffic.expect(pair.guest(), whileHeld);
    Traffic.expect(pair.peer(), queued.flip());
    Traffic.exchange(pair.guest(), pair.peer());
    return after;
  }
}
