package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.holdfast.channel.AgentFailure.Code;
import org.holdfast.proto.agent.v1.AgentError;
import org.holdfast.proto.agent.v1.AgentErrorCode;
import org.holdfast.proto.agent.v1.ConformCommit;
import org.holdfast.proto.agent.v1.ConformRequest;
import org.holdfast.proto.agent.v1.ConformResult;
import org.holdfast.proto.agent.v1.ConformedConnection;
import org.holdfast.proto.agent.v1.ForgetResult;
import org.holdfast.proto.agent.v1.GuestInterface;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.agent.v1.HostMessage;
import org.holdfast.proto.agent.v1.InterfaceAddress;
import org.holdfast.proto.agent.v1.Pong;
import org.holdfast.proto.agent.v1.ReleaseResult;
import org.holdfast.proto.agent.v1.ScanResult;
import org.holdfast.proto.agent.v1.ScannedConnection;
import org.holdfast.wire.FrameCodec;
import org.holdfast.wire.WireFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
final class AgentChannelTest {
  private static final Duration SHORT = Duration.ofMillis(600);

  @TempDir private Path directory;

  @Test
  void aGuestThatReadsNothingDoesNotHoldTheHostUp() throws Exception {
    try (ScriptedAgent agent =
            agent(
                (message, self) -> {
                  try {
                    Thread.sleep(10_000);
                  } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                  }
                });
        AgentChannel channel = connect(agent);
        ConformTransfer transfer = channel.beginConform()) {
      failure(Code.SILENT, () -> transfer.received(0, ByteBuffer.allocate(8 << 20)));
      failure(Code.SILENT, channel::ping);
    }
  }

  @Test
  void aRefusalCarriesTheAgentsCode() throws Exception {
    try (ScriptedAgent agent =
            agent(
                (message, self) ->
                    self.say(
                        last(message)
                            .setError(
                                AgentError.newBuilder()
                                    .setCode(AgentErrorCode.AGENT_ERROR_CODE_WRONG_TICKET)
                                    .setMessage("another migration's\n"))));
        AgentChannel channel = connect(agent)) {
      assertThatThrownBy(() -> channel.release("m-1"))
          .isInstanceOfSatisfying(
              AgentFailure.class,
              failure -> {
                assertThat(failure.code()).isEqualTo(Code.REFUSED);
                assertThat(failure.agentCode())
                    .isEqualTo(AgentErrorCode.AGENT_ERROR_CODE_WRONG_TICKET);
                assertThat(failure).hasMessageContaining("another migration's?");
              });
    }
  }

  @Test
  void hangingUpEndsEveryWait() throws Exception {
    try (ScriptedAgent agent = agent((message, self) -> self.hangUp());
        AgentChannel channel = connect(agent)) {
      failure(Code.DISCONNECTED, channel::ping);
      failure(Code.DISCONNECTED, channel::scan);
      failure(Code.DISCONNECTED, () -> channel.hello(SHORT));
    }
  }

  @Test
  void closingEndsEveryWait() throws Exception {
    try (ScriptedAgent agent = agent((message, self) -> {})) {
      AgentChannel channel = AgentChannel.connect(agent.path(), ChannelOptions.defaults());
      Thread closer =
          new Thread(
              () -> {
                while (agent.heard().isEmpty()) {
                  Thread.onSpinWait();
                }
                channel.close();
              });
      closer.start();
      failure(Code.DISCONNECTED, channel::ping);
      closer.join();
    }
  }

  @Test
  void aBrokenFrameEndsTheAnswerAtOnce() throws Exception {
    try (ScriptedAgent agent =
            agent(
                (message, self) -> {
                  ByteBuffer frame = FrameCodec.encode(last(message).setPong(pong()).build());
                  frame.put(frame.limit() - 1, (byte) 99);
                  self.sayRaw(frame);
                });
        AgentChannel channel = connect(agent)) {
      failure(Code.MALFORMED, channel::ping);
    }
  }

  @Test
  void aWrongAnswerIsMalformed() throws Exception {
    try (ScriptedAgent agent =
            agent(
                (message, self) ->
                    self.say(last(message).setForgetResult(ForgetResult.getDefaultInstance())));
        AgentChannel channel = connect(agent)) {
      channel.forget("m-1");
      failure(Code.MALFORMED, channel::ping);
      failure(Code.MALFORMED, channel::scan);
      failure(Code.MALFORMED, () -> channel.hello(SHORT));
      failure(Code.MALFORMED, () -> channel.release("m-1"));
    }
  }

  @Test
  void answersNobodyWaitsForAreDropped() throws Exception {
    try (ScriptedAgent agent =
            agent(
                (message, self) -> {
                  self.say(last(message).setRequest(4711).setPong(pong()));
                  self.say(last(message).setPong(pong()));
                });
        AgentChannel channel = connect(agent)) {
      channel.ping();
      channel.ping();
    }
  }

  @Test
  void theePartsOfAScanAreMerged() throws Exception {
    GuestInterface networkInterface =
        GuestInterface.newBuilder()
            .setName("ens2")
            .setMac(ByteString.fromHex("525400aabbcc"))
            .setMtu(1500)
            .addAddresses(address("0a000005", 24))
            .addAddresses(address("0a0000", 24))
            .addAddresses(address("0a000005", 33))
            .build();
    try (ScriptedAgent agent =
            agent(
                (message, self) -> {
                  self.say(
                      part(message)
                          .setScanResult(ScanResult.newBuilder().addInterfaces(networkInterface)));
                  self.say(part(message).setScanResult(scanned("sshd[812]\u001b[2J")));
                  self.say(last(message).setScanResult(scanned("nginx[7]")));
                });
        AgentChannel channel = connect(agent)) {
      ScanResult result = channel.scan();
      assertThat(result.getConnectionsList())
          .extracting(ScannedConnection::getOwner)
          .containsExactly("sshd[812]?[2J", "nginx[7]");
      assertThat(result.getInterfaces(0).getAddressesList())
          .containsExactly(address("0a000005", 24));
    }
  }

  @Test
  void aScanWithoutEndIsTooLarge() throws Exception {
    try (ScriptedAgent agent =
            agent(
                (message, self) -> {
                  while (true) {
                    ScanResult.Builder many = ScanResult.newBuilder();
                    for (int i = 0; i < 500; i++) {
                      many.addConnections(ScannedConnection.getDefaultInstance());
                    }
                    self.say(part(message).setScanResult(many));
                  }
                });
        AgentChannel channel = connect(agent)) {
      failure(Code.TOO_LARGE, channel::scan);
    }
  }

  @Test
  void conformHandsEverythingOverInOrderUnderOneRequest() throws Exception {
    byte[] received = new byte[700_000];
    new Random(5).nextBytes(received);
    try (ScriptedAgent agent = agent(AgentChannelTest::conform);
        AgentChannel channel = connect(agent)) {
      List<ConformTransfer.Item> items =
          List.of(
              new ConformTransfer.Item(request(0), ByteBuffer.allocate(0)),
              new ConformTransfer.Item(request(1), ByteBuffer.wrap(received)));
      ConformCommit commit =
          ConformCommit.newBuilder().setMigrationId("m-1").setConnections(2).build();
      ConformResult result = channel.conform(items, commit);
      assertThat(result.getConnectionsList()).hasSize(2);
      assertThat(channel.release("m-1").getReleased()).isEqualTo(2);

      List<HostMessage> heard = agent.heard().subList(0, agent.heard().size() - 1);
      assertThat(heard).extracting(HostMessage::getRequest).containsOnly(heard.get(0).getRequest());
      ByteString data =
          heard.stream()
              .filter(HostMessage::hasChunk)
              .map(message -> message.getChunk().getData())
              .reduce(ByteString.EMPTY, ByteString::concat);
      assertThat(data.toByteArray()).isEqualTo(received);
    }
  }

  @Test
  void aConformResultWithMoreThanWasAskedForIsMalformed() throws Exception {
    try (ScriptedAgent agent = agent(AgentChannelTest::conform);
        AgentChannel channel = connect(agent)) {
      ConformCommit commit = ConformCommit.newBuilder().setConnections(1).build();
      failure(Code.MALFORMED, () -> channel.conform(List.of(), commit));
    }
  }

  @Test
  void whateverAGuestSaysEndsInAFailureOfThisType() throws Exception {
    Random random = new Random(11);
    List<Throwable> others = new ArrayList<>();
    for (int round = 0; round < 40; round++) {
      byte[] garbage = new byte[random.nextInt(3_000)];
      random.nextBytes(garbage);
      boolean framed = random.nextBoolean();
      Path own = Files.createDirectory(directory.resolve("round" + round));
      try (ScriptedAgent agent =
              new ScriptedAgent(
                  own,
                  (message, self) -> {
                    self.sayRaw(framed ? frameOf(message, garbage) : ByteBuffer.wrap(garbage));
                    self.hangUp();
                  });
          AgentChannel channel = connect(agent)) {
        channel.scan();
      } catch (AgentFailure expected) {
        // That is all that may happen.
      } catch (RuntimeException other) {
        others.add(other);
      }
    }
    assertThat(others).isEmpty();
  }

  private static ByteBuffer frameOf(HostMessage message, byte[] garbage) {
    try {
      return FrameCodec.encode(
          last(message)
              .setScanResult(ScanResult.newBuilder())
              .mergeUnknownFields(
                  UnknownFieldSet.newBuilder()
                      .addField(
                          5,
                          UnknownFieldSet.Field.newBuilder()
                              .addLengthDelimited(ByteString.copyFrom(garbage))
                              .build())
                      .build())
              .build());
    } catch (WireFormatException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static void conform(HostMessage message, ScriptedAgent agent)
      throws IOException, WireFormatException {
    if (message.hasConformCommit()) {
      agent.say(
          last(message)
              .setConformResult(
                  ConformResult.newBuilder()
                      .addConnections(ConformedConnection.newBuilder().setConnection(0))
                      .addConnections(ConformedConnection.newBuilder().setConnection(1))));
    } else if (message.hasRelease()) {
      agent.say(last(message).setReleaseResult(ReleaseResult.newBuilder().setReleased(2)));
    }
  }

  private static Pong pong() {
    return Pong.getDefaultInstance();
  }

  private static ConformRequest request(int connection) {
    return ConformRequest.newBuilder().setConnection(connection).build();
  }

  private static ScanResult.Builder scanned(String owner) {
    return ScanResult.newBuilder().addConnections(ScannedConnection.newBuilder().setOwner(owner));
  }

  private static InterfaceAddress address(String hex, int prefixLength) {
    return InterfaceAddress.newBuilder()
        .setAddress(ByteString.fromHex(hex))
        .setPrefixLength(prefixLength)
        .build();
  }

  private static GuestMessage.Builder part(HostMessage message) {
    return GuestMessage.newBuilder().setRequest(message.getRequest());
  }

  private static GuestMessage.Builder last(HostMessage message) {
    return part(message).setLast(true);
  }

  private ScriptedAgent agent(ScriptedAgent.Script script) throws Exception {
    return new ScriptedAgent(directory, script);
  }

  private static AgentChannel connect(ScriptedAgent agent) {
    return AgentChannel.connect(
        agent.path(), ChannelOptions.defaults().withAnswerBound(Duration.ofMillis(1_500)));
  }

  private static void failure(Code code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            AgentFailure.class, failure -> assertThat(failure.code()).isEqualTo(code));
  }
}
