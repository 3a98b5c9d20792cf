package org.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.holdfast.linux.NetworkNamespaces;
import org.holdfast.linux.NetworkNamespaces.Place;
import org.holdfast.proto.agent.v1.AgentErrorCode;
import org.holdfast.proto.agent.v1.ConformCommit;
import org.holdfast.proto.agent.v1.ConformRequest;
import org.holdfast.proto.agent.v1.ExportRequest;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.agent.v1.HostHello;
import org.holdfast.proto.agent.v1.HostMessage;
import org.holdfast.proto.connection.v1.Queue;
import org.holdfast.proto.connection.v1.QueueChunk;
import org.holdfast.wire.FrameCodec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** One agent process, and a host that says what it should not. */
@Tag("kernel")
@TestInstance(Lifecycle.PER_CLASS)
class SessionTest {
  private static final String MIGRATION = Holder.TICKET.getMigrationId();

  private NetworkNamespaces network;
  private AgentProcess agent;
  private HostSide host;

  @BeforeAll
  void begin(@TempDir Path directory) throws Exception {
    network = new NetworkNamespaces();
    agent = AgentProcess.start(network.nameOf(Place.GUEST), directory, "--no-rehearsal");
    host = agent.host();
  }

  @AfterAll
  void end() throws Exception {
    agent.close();
    network.close();
  }

  @BeforeEach
  void forgetEverything() throws Exception {
    assertThat(host.hello(Duration.ofSeconds(30)).getAgentVersion()).isNotEmpty();
    assertThat(host.askOne(Requests.forget(MIGRATION)).hasForgetResult()).isTrue();
  }

  @Test
  void refusesVersionsItDoesNotSpeak() throws Exception {
    refuses(AgentErrorCode.AGENT_ERROR_CODE_VERSION, hello(2, 3, 1000));
    refuses(AgentErrorCode.AGENT_ERROR_CODE_VERSION, hello(0, 0, 1000));
  }

  @Test
  void refusesBoundsOutsideItsOwn() throws Exception {
    refuses(AgentErrorCode.AGENT_ERROR_CODE_MALFORMED, hello(1, 1, 99));
    refuses(AgentErrorCode.AGENT_ERROR_CODE_MALFORMED, hello(1, 1, 60_001));
    refuses(AgentErrorCode.AGENT_ERROR_CODE_MALFORMED, hello(1, 1, -1));
    refuses(
        AgentErrorCode.AGENT_ERROR_CODE_MALFORMED,
        HostMessage.newBuilder()
            .setExport(
                ExportRequest.newBuilder().setTicket(Holder.TICKET).setFreezeBoundMillis(60_000)));
  }

  @Test
  void refusesTicketsThatAreNone() throws Exception {
    refuses(
        AgentErrorCode.AGENT_ERROR_CODE_MALFORMED,
        export(Holder.TICKET.toBuilder().setSecret(ByteString.copyFrom(new byte[16]))));
    refuses(
        AgentErrorCode.AGENT_ERROR_CODE_MALFORMED,
        export(Holder.TICKET.toBuilder().clearMigrationId()));
    refuses(
        AgentErrorCode.AGENT_ERROR_CODE_MALFORMED,
        export(Holder.TICKET.toBuilder().setHolder("x".repeat(1000))));
  }

  @Test
  void refusesWhatIsOutOfOrder() throws Exception {
    refuses(AgentErrorCode.AGENT_ERROR_CODE_OUT_OF_ORDER, Requests.release(MIGRATION));
    refuses(AgentErrorCode.AGENT_ERROR_CODE_OUT_OF_ORDER, commit(MIGRATION, 0));
    refuses(AgentErrorCode.AGENT_ERROR_CODE_MALFORMED, HostMessage.newBuilder());
    assertThat(exported().hasExportResult()).isTrue();
    refuses(
        AgentErrorCode.AGENT_ERROR_CODE_OUT_OF_ORDER,
        export(Holder.TICKET.toBuilder().setMigrationId("another")));
    refuses(AgentErrorCode.AGENT_ERROR_CODE_WRONG_TICKET, Requests.forget("another"));
    refuses(AgentErrorCode.AGENT_ERROR_CODE_WRONG_TICKET, commit("another", 0));
    assertThat(host.hello(Duration.ofSeconds(30)).getTicket()).isEqualTo(Holder.TICKET);
  }

  @Test
  void anExportRepeatedBecauseItsAnswerWasLostIsAnsweredAgain() throws Exception {
    assertThat(exported().hasExportResult()).isTrue();
    assertThat(exported().hasExportResult()).isTrue();
  }

  @Test
  void refusesStatesThatMakeNoSense() throws Exception {
    assertThat(exported().hasExportResult()).isTrue();
    long request = host.nextRequest();
    host.write(
        HostMessage.newBuilder()
            .setRequest(request)
            .setConform(ConformRequest.newBuilder().setConnection(0))
            .build());
    refuses(AgentErrorCode.AGENT_ERROR_CODE_MALFORMED, commit(MIGRATION, 1).setRequest(request));
  }

  @Test
  void refusesBytesOfConnectionsNobodyAnnounced() throws Exception {
    assertThat(exported().hasExportResult()).isTrue();
    long request = host.nextRequest();
    host.write(
        HostMessage.newBuilder()
            .setRequest(request)
            .setChunk(
                QueueChunk.newBuilder()
                    .setQueue(Queue.QUEUE_RECEIVE)
                    .setData(ByteString.copyFrom(new byte[1000])))
            .build());
    refuses(AgentErrorCode.AGENT_ERROR_CODE_MALFORMED, commit(MIGRATION, 0).setRequest(request));
  }

  @Test
  void aBatchThatWasGivenUpDoesNotSpoilTheNext() throws Exception {
    assertThat(exported().hasExportResult()).isTrue();
    host.write(
        HostMessage.newBuilder()
            .setRequest(host.nextRequest())
            .setConform(ConformRequest.newBuilder().setConnection(0))
            .build());
    assertThat(host.askOne(commit(MIGRATION, 0)).hasConformResult()).isTrue();
    assertThat(host.askOne(Requests.release(MIGRATION)).hasReleaseResult()).isTrue();
  }

  @Test
  void findsBackAfterAFrameThatWasCut() throws Exception {
    ByteBuffer frame = FrameCodec.encode(Requests.ping().setRequest(77).build());
    host.write(frame.duplicate().limit(frame.limit() - 1));
    Thread.sleep(150);
    assertThat(host.askOne(Requests.ping()).hasPong()).isTrue();
  }

  @Test
  void findsBackAfterNoise() throws Exception {
    byte[] noise = new byte[300_000];
    new Random(1).nextBytes(noise);
    host.write(ByteBuffer.wrap(noise));
    assertThat(host.hello(Duration.ofSeconds(30)).getAgentVersion()).isNotEmpty();
    assertThat(host.askOne(Requests.ping()).hasPong()).isTrue();
  }

  @Test
  void passesOverFramesThatAreNoMessages() throws Exception {
    HostMessage unknownField =
        HostMessage.newBuilder()
            .setRequest(5)
            .setUnknownFields(
                com.google.protobuf.UnknownFieldSet.newBuilder()
                    .addField(
                        999,
                        com.google.protobuf.UnknownFieldSet.Field.newBuilder()
                            .addLengthDelimited(ByteString.copyFrom(new byte[200_000]))
                            .build())
                    .build())
            .build();
    refuses(AgentErrorCode.AGENT_ERROR_CODE_MALFORMED, unknownField.toBuilder());
    assertThat(host.askOne(Requests.ping()).hasPong()).isTrue();
  }

  @Test
  void keepsTheTicketWhenTheHostHangsUp() throws Exception {
    assertThat(exported().hasExportResult()).isTrue();
    host.reconnect();
    assertThat(host.hello(Duration.ofSeconds(30)).getTicket()).isEqualTo(Holder.TICKET);
  }

  private GuestMessage exported() throws IOException {
    List<GuestMessage> answer = host.ask(Holder.exportRequest());
    return answer.get(answer.size() - 1);
  }

  private void refuses(AgentErrorCode code, HostMessage.Builder request) throws IOException {
    GuestMessage answer = host.askOne(request);
    assertThat(answer.getError().getCode()).as("%s", answer).isEqualTo(code);
    assertThat(answer.getError().getMessage()).isNotEmpty();
  }

  private static HostMessage.Builder hello(int lowest, int highest, int silenceMillis) {
    return HostMessage.newBuilder()
        .setHello(
            HostHello.newBuilder()
                .setLowestVersion(lowest)
                .setHighestVersion(highest)
                .setSilenceBoundMillis(silenceMillis));
  }

  private static HostMessage.Builder export(org.holdfast.proto.agent.v1.Ticket.Builder ticket) {
    return HostMessage.newBuilder()
        .setExport(ExportRequest.newBuilder().setTicket(ticket).setFreezeBoundMillis(1000));
  }

  private static HostMessage.Builder commit(String migrationId, int connections) {
    return HostMessage.newBuilder()
        .setConformCommit(
            ConformCommit.newBuilder()
                .setMigrationId(migrationId)
                .setDomainUuid(Holder.DOMAIN)
                .setConnections(connections));
  }
}
