package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.holdfast.channel.AgentFailure.Code;
import org.holdfast.proto.agent.v1.GuestHello;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.agent.v1.HostMessage;
import org.holdfast.proto.agent.v1.Pong;
import org.holdfast.proto.agent.v1.Ticket;
import org.holdfast.wire.WireFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
final class AgentHelloTest {
  private static final Duration SHORT = Duration.ofMillis(600);

  @TempDir private Path directory;

  @Test
  void helloTellsWhatTheAgentIs() throws Exception {
    try (ScriptedAgent agent = agent(AgentHelloTest::greet);
        AgentChannel channel = connect(agent)) {
      GuestHello hello = channel.hello(SHORT);
      assertThat(hello.getAgentVersion()).isEqualTo("0.1.0?[31m");
      assertThat(agent.heard().get(0).getHello().getSilenceBoundMillis())
          .isEqualTo((int) ChannelOptions.defaults().silenceBound().toMillis());
      channel.ping();
      assertThat(channel.lastHeardNanos()).isPositive();
    }
  }

  @Test
  void helloIsRepeatedUntilItIsAnswered() throws Exception {
    AtomicInteger count = new AtomicInteger();
    try (ScriptedAgent agent =
            agent(
                (message, self) -> {
                  if (count.incrementAndGet() == 3) {
                    greet(message, self);
                  }
                });
        AgentChannel channel = connect(agent)) {
      channel.hello(Duration.ofSeconds(5));
      assertThat(count.get()).isGreaterThanOrEqualTo(3);
    }
  }

  @Test
  void helloHealsAChannelFullOfOldBytes() throws Exception {
    byte[] stale = new byte[5_000];
    new Random(3).nextBytes(stale);
    AtomicInteger count = new AtomicInteger();
    try (ScriptedAgent agent =
            agent(
                (message, self) -> {
                  if (count.incrementAndGet() == 1) {
                    self.sayRaw(ByteBuffer.wrap(stale));
                  }
                  greet(message, self);
                });
        AgentChannel channel = connect(agent)) {
      channel.hello(Duration.ofSeconds(5));
      assertThat(count.get()).isGreaterThan(1);
    }
  }

  @Test
  void nobodyThereIsAbsent() throws Exception {
    failure(
        Code.ABSENT,
        () -> AgentChannel.connect(directory.resolve("none"), ChannelOptions.defaults()));
    try (ScriptedAgent agent = agent((message, self) -> {});
        AgentChannel channel = connect(agent)) {
      failure(Code.ABSENT, () -> channel.hello(SHORT));
    }
  }

  @Test
  void anAgentThatFallsSilentIsSilent() throws Exception {
    AtomicInteger count = new AtomicInteger();
    try (ScriptedAgent agent =
            agent(
                (message, self) -> {
                  if (count.incrementAndGet() == 1) {
                    greet(message, self);
                  }
                });
        AgentChannel channel = connect(agent)) {
      channel.hello(SHORT);
      failure(Code.SILENT, channel::ping);
      failure(Code.SILENT, () -> channel.hello(SHORT));
    }
  }

  @Test
  void anotherVersionIsTooOld() throws Exception {
    try (ScriptedAgent agent =
            agent(
                (message, self) ->
                    self.say(
                        last(message)
                            .setHello(
                                GuestHello.newBuilder()
                                    .setLowestVersion(7)
                                    .setHighestVersion(9))));
        AgentChannel channel = connect(agent)) {
      failure(Code.TOO_OLD, () -> channel.hello(SHORT));
    }
  }

  @Test
  void theTicketComesBackWithHello() throws Exception {
    Ticket ticket = ticket();
    try (ScriptedAgent agent = agent((message, self) -> greet(message, self, ticket));
        AgentChannel channel = connect(agent)) {
      assertThat(channel.hello(SHORT).getTicket()).isEqualTo(ticket);
    }
  }

  @Test
  void aTicketNoHostHasMadeIsMalformed() throws Exception {
    Ticket cut = ticket().toBuilder().setSecret(ByteString.copyFrom(new byte[31])).build();
    try (ScriptedAgent agent = agent((message, self) -> greet(message, self, cut));
        AgentChannel channel = connect(agent)) {
      failure(Code.MALFORMED, () -> channel.hello(SHORT));
    }
  }

  private static void greet(HostMessage message, ScriptedAgent agent)
      throws IOException, WireFormatException {
    if (message.hasPing()) {
      agent.say(last(message).setPong(pong()));
    } else {
      agent.say(last(message).setHello(hello()));
    }
  }

  private static void greet(HostMessage message, ScriptedAgent agent, Ticket ticket)
      throws IOException, WireFormatException {
    agent.say(last(message).setHello(hello().setTicket(ticket)));
  }

  private static GuestHello.Builder hello() {
    return GuestHello.newBuilder()
        .setLowestVersion(1)
        .setHighestVersion(2)
        .setAgentVersion("0.1.0\u001b[31m");
  }

  private static Ticket ticket() {
    return Ticket.newBuilder()
        .setMigrationId("m-1")
        .setHolder("kvm1:16550")
        .setSecret(ByteString.copyFrom(new byte[32]))
        .build();
  }

  private static Pong pong() {
    return Pong.getDefaultInstance();
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
