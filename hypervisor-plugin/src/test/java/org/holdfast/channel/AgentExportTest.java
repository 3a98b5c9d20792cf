package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.holdfast.channel.GuestMessages.chunk;
import static org.holdfast.channel.GuestMessages.end;
import static org.holdfast.channel.GuestMessages.state;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.holdfast.channel.AgentFailure.Code;
import org.holdfast.proto.agent.v1.ExportResult;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.agent.v1.HostMessage;
import org.holdfast.proto.agent.v1.RestResult;
import org.holdfast.proto.agent.v1.ScannedConnection;
import org.holdfast.proto.connection.v1.ConnectionId;
import org.holdfast.proto.connection.v1.Endpoint;
import org.holdfast.proto.connection.v1.Queue;
import org.holdfast.proto.connection.v1.SocketFamily;
import org.holdfast.proto.connection.v1.TcpState;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
final class AgentExportTest {
  @TempDir private Path directory;

  private final List<GuestConnection> exported = new ArrayList<>();
  private final List<String> refused = new ArrayList<>();
  private final ByteArrayOutputStream rest = new ByteArrayOutputStream();
  private final ExportSink sink =
      new ExportSink() {
        @Override
        public void exported(GuestConnection connection) {
          exported.add(connection);
        }

        @Override
        public void refused(int index, ConnectionId id, UnmanagedReason reason, String detail) {
          refused.add(index + " " + reason);
        }
      };

  @Test
  void queuesArriveInPiecesAndOutOfTurn() throws Exception {
    byte[] send = random(450_000);
    ExportResult result =
        export(
            state(0, 10, 450_000),
            state(1, 0, 0),
            chunk(0, Queue.QUEUE_SEND, send, 0, 250_000),
            state(2, 0, 3),
            chunk(2, Queue.QUEUE_SEND, new byte[] {1, 2, 3}, 0, 3),
            chunk(0, Queue.QUEUE_SEND, send, 250_000, 450_000),
            end(3));
    assertThat(result.getConnections()).isEqualTo(3);
    assertThat(exported).extracting(GuestConnection::index).containsExactly(1, 2, 0);
    assertThat(bytes(exported.get(2).export().sendQueue())).isEqualTo(send);
    assertThat(exported.get(2).export().snapshot().local())
        .isEqualTo(new InetSocketAddress("10.0.0.5", 80));
    assertThat(refused).isEmpty();
  }

  @Test
  void whatWasNeverSentFollowsTheResult() throws Exception {
    byte[] unsent = random(200_000);
    export(
        withRest(state(0, 0, 2), 200_000),
        chunk(0, Queue.QUEUE_SEND, new byte[] {1, 2}, 0, 2),
        state(1, 0, 0),
        end(2).setLast(false),
        chunk(0, Queue.QUEUE_SEND, unsent, 0, 150_000),
        chunk(0, Queue.QUEUE_SEND, unsent, 150_000, 200_000),
        restEnd());
    assertThat(exported).extracting(GuestConnection::index).containsExactly(0, 1);
    assertThat(exported.get(0).export().sendQueue().remaining()).isEqualTo(2);
    assertThat(rest.toByteArray()).isEqualTo(unsent);
  }

  @Test
  void aRestThatIsCutShortIsNoBreach() throws Exception {
    export(withRest(state(0, 0, 0), 9), end(1).setLast(false), restEnd());
    assertThat(rest.size()).isZero();
  }

  @Test
  void aRestBeyondItsBoundsEndsTheExport() throws Exception {
    GuestMessage.Builder result = end(1).setLast(false);
    malformed(
        withRest(state(0, 0, 0), 2),
        result,
        chunk(0, Queue.QUEUE_SEND, new byte[3], 0, 3),
        restEnd());
    malformed(
        withRest(state(0, 0, 0), 2),
        result,
        chunk(1, Queue.QUEUE_SEND, new byte[1], 0, 1),
        restEnd());
    malformed(
        withRest(state(0, 0, 0), 2),
        result,
        chunk(0, Queue.QUEUE_RECEIVE, new byte[1], 0, 1),
        restEnd());
    malformed(withRest(state(0, 0, 0), 2), result, restEnd().setLast(false));
    malformed(withRest(state(0, 0, 0), 2), end(1));
    failure(Code.TOO_LARGE, withRest(state(0, 0, 0), -1), result, restEnd());
    export(withRest(state(0, 0, 0), 33 << 20), result, restEnd());
    assertThat(refused).containsExactly("0 UNMANAGED_REASON_QUEUE_TOO_LARGE");
  }

  @Test
  void unreadBytesStayInTheGuest() throws Exception {
    export(state(0, 100, 2), chunk(0, Queue.QUEUE_SEND, new byte[] {1, 2}, 0, 2), end(1));
    assertThat(exported).hasSize(1);
    assertThat(exported.get(0).export().receiveQueue().remaining()).isZero();
    assertThat(exported.get(0).export().snapshot().receiveQueueBytes()).isEqualTo(100);
  }

  @Test
  void aConnectionNotAsItShouldBeIsRefusedAloneWithItsBytes() throws Exception {
    export(
        state(0, 0, 2, state -> state.setCongestionControl("no such \u001b[31m algorithm")),
        chunk(0, Queue.QUEUE_SEND, new byte[] {1, 2}, 0, 2),
        state(1, 0, 0, state -> state.setState(TcpState.TCP_STATE_LISTEN)),
        state(3, 0, 1),
        chunk(3, Queue.QUEUE_SEND, new byte[] {9}, 0, 1),
        end(3));
    assertThat(exported).extracting(GuestConnection::index).containsExactly(3);
    assertThat(refused)
        .containsExactly("0 UNMANAGED_REASON_EXPORT_FAILED", "1 UNMANAGED_REASON_EXPORT_FAILED");
  }

  @Test
  void aSendQueueTooLongForThisHostIsDroppedAsItComes() throws Exception {
    int mebibytes = 33;
    List<GuestMessage.Builder> answer = new ArrayList<>();
    answer.add(state(0, 0, mebibytes << 20));
    byte[] part = new byte[1 << 17];
    for (int i = 0; i < mebibytes * 8; i++) {
      answer.add(chunk(0, Queue.QUEUE_SEND, part, 0, part.length));
    }
    answer.add(state(1, 0, 0));
    answer.add(end(2));
    export(answer.toArray(GuestMessage.Builder[]::new));
    assertThat(refused).containsExactly("0 UNMANAGED_REASON_QUEUE_TOO_LARGE");
    assertThat(exported).extracting(GuestConnection::index).containsExactly(1);
  }

  @Test
  void aLinkLocalConnectionNamesItsInterface() throws Exception {
    ByteString linkLocal = ByteString.fromHex("fe80000000000000505400fffeaabbcc");
    ByteString peer = ByteString.fromHex("fe80000000000000505400fffeaabbdd");
    ByteString mac = ByteString.fromHex("525400aabbcc");
    Endpoint.Builder end = Endpoint.newBuilder().setAddress(linkLocal).setInterfaceMac(mac);
    export(
        state(
            0,
            0,
            0,
            state ->
                state
                    .setFamily(SocketFamily.SOCKET_FAMILY_IPV6)
                    .setId(
                        ConnectionId.newBuilder()
                            .setLocal(end.clone().setPort(22))
                            .setPeer(end.clone().setAddress(peer).setPort(4711)))),
        end(1));
    assertThat(exported.get(0).interfaceMac()).hasToString("Optional[52:54:00:aa:bb:cc]");
  }

  @Test
  void brokenOrderEndsTheWholeExport() throws Exception {
    malformed(state(0, 0, 0), state(0, 0, 0), end(2));
    malformed(chunk(5, Queue.QUEUE_SEND, new byte[] {1}, 0, 1), end(0));
    malformed(state(0, 0, 2), chunk(0, Queue.QUEUE_SEND, new byte[3], 0, 3), end(1));
    malformed(state(0, 0, 2), chunk(0, Queue.QUEUE_UNSPECIFIED, new byte[2], 0, 2), end(1));
    malformed(state(0, 0, 2), chunk(0, Queue.QUEUE_SEND, new byte[2], 0, 0), end(1));
    malformed(state(0, 0, 2), chunk(0, Queue.QUEUE_SEND, new byte[2], 0, 1), end(1));
    malformed(state(0, 2, 2), chunk(0, Queue.QUEUE_RECEIVE, new byte[2], 0, 2), end(1));
    malformed(state(0, 0, 0).setLast(true));
    malformed(end(0).setLast(false));
  }

  @Test
  void moreThanAGuestMaySayIsTooLarge() throws Exception {
    List<GuestMessage.Builder> many = new ArrayList<>();
    for (int i = 0; i <= GuestLimits.defaults().connections(); i++) {
      many.add(state(i, 0, 0));
    }
    failure(Code.TOO_LARGE, many.toArray(GuestMessage.Builder[]::new));
    failure(Code.TOO_LARGE, state(0, 0, -1));
  }

  @Test
  void ownersOfUnmanagedConnectionsAreSafeToPrint() throws Exception {
    GuestMessage.Builder end = end(0);
    end.getExportResultBuilder()
        .addUnmanaged(ScannedConnection.newBuilder().setOwner("\u0007x".repeat(500)));
    assertThat(export(end).getUnmanaged(0).getOwner()).hasSize(256).startsWith("?x?x");
  }

  private void rest(int connection, ByteBuffer bytes) {
    rest.writeBytes(bytes(bytes));
  }

  private static GuestMessage.Builder withRest(GuestMessage.Builder state, int restBytes) {
    state.getExportedBuilder().setRestBytes(restBytes);
    return state;
  }

  private static GuestMessage.Builder restEnd() {
    return GuestMessage.newBuilder().setLast(true).setRestResult(RestResult.getDefaultInstance());
  }

  private void malformed(GuestMessage.Builder... answer) throws Exception {
    failure(Code.MALFORMED, answer);
  }

  private void failure(Code code, GuestMessage.Builder... answer) throws Exception {
    assertThatThrownBy(() -> export(answer))
        .isInstanceOfSatisfying(
            AgentFailure.class, failure -> assertThat(failure.code()).isEqualTo(code));
  }

  private ExportResult export(GuestMessage.Builder... answer) throws Exception {
    try (ScriptedAgent agent =
            new ScriptedAgent(
                directory,
                (HostMessage message, ScriptedAgent self) -> {
                  for (GuestMessage.Builder part : answer) {
                    self.say(part.setRequest(message.getRequest()));
                  }
                });
        AgentChannel channel =
            AgentChannel.connect(
                agent.path(), ChannelOptions.defaults().withAnswerBound(Duration.ofSeconds(5)))) {
      return Attack.export(channel, sink, this::rest);
    }
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
