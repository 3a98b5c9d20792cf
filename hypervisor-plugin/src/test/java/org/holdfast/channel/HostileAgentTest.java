package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.holdfast.channel.GuestMessages.chunk;
import static org.holdfast.channel.GuestMessages.end;
import static org.holdfast.channel.GuestMessages.state;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.agent.v1.ScanResult;
import org.holdfast.proto.agent.v1.ScannedConnection;
import org.holdfast.proto.connection.v1.ConnectionId;
import org.holdfast.proto.connection.v1.Endpoint;
import org.holdfast.proto.connection.v1.Queue;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A program in the place of our agent does its worst over a real channel. Each attack ends in its
 * own refusal, and an honest VM's agent beside it is answered as before.
 */
@Timeout(60)
final class HostileAgentTest {
  @TempDir private Path directory;
  private ScriptedAgent honest;
  private AgentChannel honestChannel;

  @BeforeEach
  void anHonestVmBeside() throws IOException {
    honest =
        new ScriptedAgent(
            Files.createDirectory(directory.resolve("honest")),
            (asked, agent) -> agent.say(Attack.pong(asked)));
    honestChannel = connect(honest);
  }

  @AfterEach
  void close() throws IOException {
    honestChannel.close();
    honest.close();
  }

  @ParameterizedTest
  @EnumSource
  void eachAttackIsRefusedByNameAndCostsNobodyElse(Attack attack) throws Exception {
    try (ScriptedAgent agent = new ScriptedAgent(directory, attack.answer());
        AgentChannel channel = connect(agent)) {
      AgentFailure failure =
          catchThrowableOfType(AgentFailure.class, () -> attack.question().accept(channel));

      assertThat(failure).isNotNull();
      assertThat(failure.code()).isEqualTo(attack.code());
      assertThat(failure.breach()).isEqualTo(attack.breach());
      assertThat(failure.getMessage()).hasSizeLessThan(500).doesNotContain("\n", "\u001b");
      honestChannel.ping();
    }
    honestChannel.ping();
  }

  @Test
  void aConnectionWithItselfIsRefusedAlone() throws Exception {
    Refusals refusals = new Refusals();
    exportFrom(
        refusals,
        state(0, 0, 0, state -> state.getIdBuilder().setPeer(state.getId().getLocal())),
        state(1, 0, 0, state -> state.getIdBuilder().setPeer(endpoint("7f000001"))),
        end(2));
    assertThat(refusals.told)
        .containsExactly("0 UNMANAGED_REASON_EXPORT_FAILED", "1 UNMANAGED_REASON_EXPORT_FAILED");
  }

  /** Names are kept with the ledger for long: what is none must not be kept. */
  @Test
  void aNameAsLongAsAFrameIsNotKept() throws Exception {
    Endpoint endless =
        Endpoint.newBuilder().setAddress(ByteString.copyFrom(new byte[100_000])).build();
    ConnectionId id = ConnectionId.newBuilder().setLocal(endless).build();
    try (ScriptedAgent agent =
            new ScriptedAgent(
                directory,
                (asked, self) ->
                    self.say(
                        Attack.last(asked)
                            .setScanResult(
                                ScanResult.newBuilder()
                                    .addConnections(ScannedConnection.newBuilder().setId(id)))));
        AgentChannel channel = connect(agent)) {
      assertThat(channel.scan().getSerializedSize()).isLessThan(100);
    }
    Refusals refusals = new Refusals();
    exportFrom(refusals, state(0, 0, 0, state -> state.setId(id)), end(1));
    assertThat(refusals.ids).containsExactly(ConnectionId.getDefaultInstance());
  }

  /**
   * A frame of 256 KiB can hold 130,000 empty connections, fifty times its size once they are taken
   * apart. While a host is busy with the first, the others wait as bytes.
   */
  @Test
  void aFloodOfEmptyMessagesDoesNotFillTheHostsMemory() throws Exception {
    try (ScriptedAgent agent =
        new ScriptedAgent(
            directory,
            (asked, self) -> {
              self.say(GuestMessages.state(0, 0, 0).setRequest(asked.getRequest()));
              GuestMessage.Builder flood =
                  Attack.part(asked).setScanResult(Attack.connections(130_000));
              for (int frame = 0; frame < 64; frame++) {
                self.say(flood);
              }
            })) {
      Process host =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx64m",
                  "-XX:+UseSerialGC",
                  "-cp",
                  System.getProperty("java.class.path"),
                  FloodedHost.class.getName(),
                  agent.path().toString())
              .redirectErrorStream(true)
              .start();
      assertThat(new String(host.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .contains("Optional[WRONG_ANSWER]")
          .doesNotContain("OutOfMemoryError");
    }
  }

  /** A promise of bytes takes no memory: 32 connections promise 32 MiB each. */
  @Test
  void whatIsPromisedAndNotSentTakesNoMemory() throws Exception {
    List<GuestMessage.Builder> answer = new ArrayList<>();
    for (int index = 0; index < 32; index++) {
      answer.add(state(index, 0, 32 << 20));
      answer.add(chunk(index, Queue.QUEUE_SEND, new byte[1], 0, 1));
    }
    answer.add(end(32));
    long before = allocatedBytes();
    AgentFailure failure =
        catchThrowableOfType(
            AgentFailure.class,
            () -> exportFrom(new Refusals(), answer.toArray(GuestMessage.Builder[]::new)));
    assertThat(failure.breach()).contains(Breach.QUEUE_WITH_HOLES);
    assertThat(allocatedBytes() - before).isLessThan(64 << 20);
  }

  private static long allocatedBytes() {
    return ((com.sun.management.ThreadMXBean)
            java.lang.management.ManagementFactory.getThreadMXBean())
        .getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  private void exportFrom(ExportSink sink, GuestMessage.Builder... answer) throws Exception {
    try (ScriptedAgent agent =
            new ScriptedAgent(directory, (asked, self) -> Attack.all(asked, self, answer));
        AgentChannel channel = connect(agent)) {
      Attack.export(channel, sink, (connection, bytes) -> {});
    }
  }

  private static AgentChannel connect(ScriptedAgent agent) {
    return AgentChannel.connect(
        agent.path(), ChannelOptions.defaults().withAnswerBound(Attack.BOUND));
  }

  private static Endpoint endpoint(String hex) {
    return Endpoint.newBuilder().setAddress(ByteString.fromHex(hex)).setPort(4711).build();
  }

  /** Notes what is refused, and takes the rest. */
  private static final class Refusals implements ExportSink {
    private final List<String> told = new ArrayList<>();
    private final List<ConnectionId> ids = new ArrayList<>();

    @Override
    public void exported(GuestConnection connection) {}

    @Override
    public void refused(int index, ConnectionId id, UnmanagedReason reason, String detail) {
      told.add(index + " " + reason);
      ids.add(id);
    }
  }
}
