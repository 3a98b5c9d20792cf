package org.holdfast.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Optional;
import java.util.OptionalInt;
import org.holdfast.proto.connection.v1.ConnectionState;
import org.holdfast.tcp.TcpSnapshot;

/** A connection's state as the other side of a channel tells it. */
final class ConnectionCodecFuzzTest {
  private static final InterfaceResolver ONE_INTERFACE =
      new InterfaceResolver() {
        private final MacAddress mac = MacAddress.of("52:54:00:aa:bb:cc");

        @Override
        public Optional<MacAddress> macOf(int interfaceIndex) {
          return Optional.of(mac);
        }

        @Override
        public OptionalInt indexOf(MacAddress address) {
          return OptionalInt.of(2);
        }
      };

  /** What is taken at all is told again as it was taken; everything else is refused in words. */
  @FuzzTest
  void whatIsTakenIsToldAgainAlike(byte[] bytes) throws WireFormatException {
    TcpSnapshot snapshot;
    try {
      snapshot = ConnectionCodec.decode(ConnectionState.parseFrom(bytes), ONE_INTERFACE);
    } catch (InvalidProtocolBufferException | WireFormatException refused) {
      return;
    }
    ConnectionState again = ConnectionCodec.encode(snapshot, ONE_INTERFACE);
    assertThat(ConnectionCodec.decode(again, ONE_INTERFACE)).isEqualTo(snapshot);
  }
}
