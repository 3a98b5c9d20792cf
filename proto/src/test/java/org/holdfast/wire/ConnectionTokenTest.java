package org.holdfast.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.holdfast.proto.connection.v1.ConnectionId;
import org.holdfast.proto.connection.v1.Endpoint;
import org.junit.jupiter.api.Test;

class ConnectionTokenTest {
  private static final ByteString SECRET = ByteString.copyFrom(new byte[32]);
  private static final ConnectionId ID = id(0x0a000001, 80, 0x0a000002, 40000);

  @Test
  void isTheHmacOfEveryFieldWithItsLength() throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(new byte[32], "HmacSHA256"));
    byte[] fields =
        HexFormat.of()
            .parseHex(
                "000000016d"
                    + "0000000164"
                    + "000000040a00000100000050"
                    + "000000040a00000200009c40");
    assertThat(new ConnectionToken(SECRET, "m", "d").of(ID).toByteArray())
        .isEqualTo(mac.doFinal(fields))
        .hasSize(ConnectionToken.BYTES);
  }

  @Test
  void dependsOnEachInput() {
    ConnectionToken token = new ConnectionToken(SECRET, "mig", "dom");
    ByteString right = token.of(ID);
    assertThat(token.matches(ID, right)).isTrue();
    assertThat(token.matches(id(0x0a000001, 81, 0x0a000002, 40000), right)).isFalse();
    assertThat(token.matches(id(0x0a000003, 80, 0x0a000002, 40000), right)).isFalse();
    assertThat(token.matches(id(0x0a000001, 80, 0x0a000003, 40000), right)).isFalse();
    assertThat(token.matches(id(0x0a000001, 80, 0x0a000002, 40001), right)).isFalse();
    assertThat(new ConnectionToken(SECRET, "mi", "gdom").matches(ID, right)).isFalse();
    assertThat(new ConnectionToken(ByteString.copyFromUtf8("x"), "mig", "dom").matches(ID, right))
        .isFalse();
    assertThat(token.matches(ID, ByteString.EMPTY)).isFalse();
  }

  @Test
  void refusesAnEmptySecret() {
    assertThatThrownBy(() -> new ConnectionToken(ByteString.EMPTY, "m", "d"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static ConnectionId id(int local, int localPort, int peer, int peerPort) {
    return ConnectionId.newBuilder()
        .setLocal(endpoint(local, localPort))
        .setPeer(endpoint(peer, peerPort))
        .build();
  }

  private static Endpoint endpoint(int address, int port) {
    return Endpoint.newBuilder()
        .setAddress(ByteString.copyFrom(ByteBuffer.allocate(4).putInt(address).array()))
        .setPort(port)
        .build();
  }
}
