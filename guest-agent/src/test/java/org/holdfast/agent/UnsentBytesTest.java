package org.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.holdfast.linux.AppSocket;
import org.holdfast.linux.NetworkNamespaces;
import org.holdfast.linux.NetworkNamespaces.Place;
import org.holdfast.linux.Traffic;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.connection.v1.QueueChunk;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an application has written and its peer has no window for, when the VM is taken over. */
@Tag("kernel")
@Timeout(60)
class UnsentBytesTest {
  private static final int WELL_BEYOND_THE_WINDOW = 64 << 10;
  private static final ByteBuffer MUCH = Traffic.bytes(1, 300_000);

  @TempDir Path directory;

  /** One server, one agent, and a peer that has sent MUCH and read nothing of its echo. */
  private interface Body {
    void run(AgentProcess agent, Holder holder, AppSocket peer) throws Exception;
  }

  @Test
  void theyReachThePeerWhileTheVmIsAway() throws Exception {
    withUnreadEcho(
        (agent, holder, peer) -> {
          holder.takeOver();
          Traffic.expect(peer, MUCH.slice(0, WELL_BEYOND_THE_WINDOW));
          holder.conform();
          holder.release();
          Traffic.expect(
              peer, MUCH.slice(WELL_BEYOND_THE_WINDOW, MUCH.capacity() - WELL_BEYOND_THE_WINDOW));
          echo(peer);
        });
  }

  /** The daemon was killed, say, or its kernel had no memory for them: the guest has them still. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.4})
  void whatTheCopyDidNotGetTheGuestSends(double taken) throws Exception {
    withUnreadEcho(
        (agent, holder, peer) -> {
          holder.takeOfTheRest(taken);
          holder.takeOver();
          holder.conform();
          holder.release();
          Traffic.expect(peer, MUCH);
          echo(peer);
        });
  }

  /** Peers wait for the result: what they do not wait for comes after it. */
  @Test
  void theyDoNotDelayTheExport() throws Exception {
    withUnreadEcho(
        (agent, holder, peer) -> {
          List<GuestMessage> answer = agent.host().ask(Holder.exportRequest());
          int result = 0;
          while (!answer.get(result).hasExportResult()) {
            result++;
          }
          long late = bytes(answer.subList(result, answer.size()));
          assertThat(late).isGreaterThan(WELL_BEYOND_THE_WINDOW);
          assertThat(bytes(answer)).isLessThan(late + WELL_BEYOND_THE_WINDOW);
        });
  }

  private static void echo(AppSocket peer) {
    ByteBuffer little = Traffic.bytes(2, 1000);
    peer.send(little.duplicate());
    Traffic.expect(peer, little);
  }

  private static long bytes(List<GuestMessage> messages) {
    return messages.stream()
        .filter(GuestMessage::hasChunk)
        .map(GuestMessage::getChunk)
        .map(QueueChunk::getData)
        .mapToLong(data -> data.size())
        .sum();
  }

  private void withUnreadEcho(Body body) throws Exception {
    try (NetworkNamespaces network = new NetworkNamespaces();
        EchoServer server = EchoServer.start(network.nameOf(Place.GUEST), directory, List.of());
        AgentProcess agent =
            AgentProcess.start(network.nameOf(Place.GUEST), directory, "--no-rehearsal");
        Holder holder = new Holder(network, agent.host());
        AppSocket peer = ClosedWindowTest.connect(network)) {
      peer.forceSendBuffer(2 * MUCH.capacity());
      peer.send(MUCH.duplicate());
      Thread.sleep(500); // all is echoed that fits the peer's window
      body.run(agent, holder, peer);
      assertThat(server.complaints()).isEmpty();
    }
  }
}
