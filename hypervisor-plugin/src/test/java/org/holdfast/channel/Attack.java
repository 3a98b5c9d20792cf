package org.holdfast.channel;

import static org.holdfast.channel.GuestMessages.chunk;
import static org.holdfast.channel.GuestMessages.end;
import static org.holdfast.channel.GuestMessages.state;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.holdfast.channel.AgentFailure.Code;
import org.holdfast.proto.agent.v1.ConformCommit;
import org.holdfast.proto.agent.v1.ConformResult;
import org.holdfast.proto.agent.v1.ConformedConnection;
import org.holdfast.proto.agent.v1.ExportResult;
import org.holdfast.proto.agent.v1.ForgetResult;
import org.holdfast.proto.agent.v1.GuestHello;
import org.holdfast.proto.agent.v1.GuestInterface;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.agent.v1.HostMessage;
import org.holdfast.proto.agent.v1.InterfaceAddress;
import org.holdfast.proto.agent.v1.Pong;
import org.holdfast.proto.agent.v1.ScanResult;
import org.holdfast.proto.agent.v1.ScannedConnection;
import org.holdfast.proto.agent.v1.Ticket;
import org.holdfast.proto.connection.v1.ConnectionId;
import org.holdfast.proto.connection.v1.Queue;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.holdfast.wire.FrameCodec;
import org.holdfast.wire.WireFormatException;
import org.jspecify.annotations.Nullable;

/** What the agent says when it is asked, and how that is refused. */
enum Attack {
  WRONG_CHECKSUM(
      Breach.BROKEN_FRAME,
      Attack::ping,
      (asked, agent) -> {
        ByteBuffer frame = FrameCodec.encode(pong(asked).build());
        frame.put(frame.limit() - 1, (byte) (frame.get(frame.limit() - 1) + 1));
        agent.sayRaw(frame);
      }),
  WRONG_MAGIC(
      Breach.BROKEN_FRAME,
      Attack::ping,
      (asked, agent) -> agent.sayRaw(ByteBuffer.allocate(4_000))),
  FRAME_OF_GIGABYTES(
      Breach.BROKEN_FRAME,
      Attack::ping,
      (asked, agent) -> {
        ByteBuffer frame = FrameCodec.encode(pong(asked).build());
        agent.sayRaw(frame.putInt(4, Integer.MAX_VALUE));
      }),
  FRAME_OF_NO_BYTES(
      Breach.BROKEN_FRAME,
      Attack::ping,
      (asked, agent) -> agent.sayRaw(FrameCodec.encode(pong(asked).build()).putInt(4, 0))),
  NO_MESSAGE_AT_ALL(
      Breach.NO_MESSAGE, Attack::ping, (asked, agent) -> agent.sayRaw(frameAround("ffffffff"))),
  MESSAGE_BROKEN_INSIDE(
      Breach.NO_MESSAGE,
      Attack::ping,
      (asked, agent) -> agent.sayRaw(frameAround(hex(pong(asked).build().toByteArray()) + "22ff"))),
  MESSAGES_WITHIN_MESSAGES(
      Breach.NO_MESSAGE,
      Attack::scan,
      (asked, agent) ->
          agent.sayRaw(frameAround(hex(part(asked).build().toByteArray()) + "23".repeat(100_000)))),
  ANOTHER_ANSWER(
      Breach.WRONG_ANSWER,
      Attack::ping,
      (asked, agent) -> agent.say(last(asked).setForgetResult(ForgetResult.getDefaultInstance()))),
  CONNECTIONS_WITHOUT_END(
      Breach.TOO_MANY_CONNECTIONS,
      Attack::scan,
      (asked, agent) -> forEver(agent, part(asked).setScanResult(connections(500)))),
  CONNECTIONS_EXPORTED_WITHOUT_END(
      Breach.TOO_MANY_CONNECTIONS,
      Attack::export,
      (asked, agent) -> {
        for (int index = 0; ; index++) {
          agent.say(state(index, 0, 0).setRequest(asked.getRequest()));
        }
      }),
  INTERFACES_WITHOUT_END(
      Breach.TOO_MANY_INTERFACES,
      Attack::scan,
      (asked, agent) -> forEver(agent, part(asked).setScanResult(networkInterface(6, 0)))),
  ADDRESSES_WITHOUT_END(
      Breach.TOO_MANY_ENTRIES,
      Attack::scan,
      (asked, agent) -> agent.say(last(asked).setScanResult(networkInterface(6, 5_000)))),
  INTERFACE_WITHOUT_ADDRESS(
      Breach.BAD_INTERFACE,
      Attack::scan,
      (asked, agent) -> agent.say(last(asked).setScanResult(networkInterface(5, 0)))),
  CONNECTION_TOLD_TWICE(
      Breach.CONNECTION_TWICE,
      Attack::export,
      (asked, agent) -> all(asked, agent, state(0, 0, 0), state(0, 0, 0), end(2))),
  BYTES_OF_NOBODY(
      Breach.UNASKED_BYTES,
      Attack::export,
      (asked, agent) -> all(asked, agent, chunk(7, Queue.QUEUE_SEND, new byte[1], 0, 1), end(0))),
  RECEIVED_BYTES(
      Breach.WRONG_QUEUE,
      Attack::export,
      (asked, agent) ->
          all(
              asked,
              agent,
              state(0, 2, 2),
              chunk(0, Queue.QUEUE_RECEIVE, new byte[2], 0, 2),
              end(1))),
  MORE_BYTES_THAN_SAID(
      Breach.QUEUE_OVERRUN,
      Attack::export,
      (asked, agent) ->
          all(asked, agent, state(0, 0, 2), chunk(0, Queue.QUEUE_SEND, new byte[3], 0, 3), end(1))),
  CHUNKS_OF_NOTHING(
      Breach.QUEUE_OVERRUN,
      Attack::export,
      (asked, agent) ->
          all(asked, agent, state(0, 0, 2), chunk(0, Queue.QUEUE_SEND, new byte[0], 0, 0), end(1))),
  QUEUE_OF_NEGATIVE_LENGTH(
      Breach.IMPOSSIBLE_QUEUE,
      Attack::export,
      (asked, agent) -> all(asked, agent, state(0, 0, -1), end(1))),
  FEWER_BYTES_THAN_SAID(
      Breach.QUEUE_WITH_HOLES,
      Attack::export,
      (asked, agent) -> all(asked, agent, state(0, 0, 2), end(1))),
  END_IN_THE_MIDDLE(
      Breach.MISPLACED_END,
      Attack::export,
      (asked, agent) -> all(asked, agent, state(0, 0, 0).setLast(true), end(1))),
  TICKET_OF_ITS_OWN_MAKING(
      Breach.FORGED_TICKET,
      channel -> channel.hello(Duration.ofMillis(500)),
      (asked, agent) ->
          agent.say(
              last(asked)
                  .setHello(
                      GuestHello.newBuilder()
                          .setLowestVersion(1)
                          .setHighestVersion(1)
                          .setTicket(
                              Ticket.newBuilder()
                                  .setMigrationId("m-1")
                                  .setHolder("kvm9:1 --evil")
                                  .setSecret(ByteString.copyFrom(new byte[32])))))),
  CONFORMED_WHAT_NOBODY_GAVE(
      Breach.TOO_MANY_CONFORMED,
      channel -> channel.conform(List.of(), ConformCommit.newBuilder().setConnections(1).build()),
      (asked, agent) ->
          agent.say(
              last(asked)
                  .setConformResult(
                      ConformResult.newBuilder()
                          .addConnections(ConformedConnection.newBuilder().setConnection(0))
                          .addConnections(ConformedConnection.newBuilder().setConnection(1))))),
  SILENCE(Code.SILENT, Attack::scan, (asked, agent) -> {}),
  DRIP_WITHOUT_END(
      Code.SILENT,
      Attack::scan,
      (asked, agent) -> {
        while (true) {
          agent.say(part(asked).setScanResult(ScanResult.getDefaultInstance()));
          pause();
        }
      }),
  ANSWERS_TO_OTHER_QUESTIONS(
      Code.SILENT,
      Attack::scan,
      (asked, agent) -> forEver(agent, last(asked).setRequest(1).setPong(Pong.newBuilder()))),
  READS_NOTHING(
      Code.SILENT,
      channel -> {
        try (ConformTransfer transfer = channel.beginConform()) {
          transfer.received(0, ByteBuffer.allocate(8 << 20));
        }
      },
      (asked, agent) -> {
        while (true) {
          pause();
        }
      }),
  HANGS_UP(Code.DISCONNECTED, Attack::scan, (asked, agent) -> agent.hangUp());

  static final Duration BOUND = Duration.ofMillis(1_500);

  private static final byte[] MAGIC = HexFormat.of().parseHex("f1d8a9e6");
  private static final ExportSink IGNORING =
      new ExportSink() {
        @Override
        public void exported(GuestConnection connection) {}

        @Override
        public void refused(int index, ConnectionId id, UnmanagedReason reason, String detail) {}
      };

  private final Code code;
  private final @Nullable Breach breach;
  private final Consumer<AgentChannel> question;
  private final ScriptedAgent.Script answer;

  Attack(Breach breach, Consumer<AgentChannel> question, ScriptedAgent.Script answer) {
    this(
        breach.name().startsWith("TOO_MANY") && breach != Breach.TOO_MANY_CONFORMED
                || breach == Breach.IMPOSSIBLE_QUEUE
            ? Code.TOO_LARGE
            : Code.MALFORMED,
        breach,
        question,
        answer);
  }

  Attack(Code code, Consumer<AgentChannel> question, ScriptedAgent.Script answer) {
    this(code, null, question, answer);
  }

  Attack(
      Code code,
      @Nullable Breach breach,
      Consumer<AgentChannel> question,
      ScriptedAgent.Script answer) {
    this.code = code;
    this.breach = breach;
    this.question = question;
    this.answer = answer;
  }

  Code code() {
    return code;
  }

  Optional<Breach> breach() {
    return Optional.ofNullable(breach);
  }

  Consumer<AgentChannel> question() {
    return question;
  }

  ScriptedAgent.Script answer() {
    return answer;
  }

  private static void ping(AgentChannel channel) {
    channel.ping();
  }

  private static void scan(AgentChannel channel) {
    channel.scan();
  }

  private static void export(AgentChannel channel) {
    export(channel, IGNORING, (connection, bytes) -> {});
  }

  /** All of an export. */
  static ExportResult export(AgentChannel channel, ExportSink sink, RestSink rest) {
    try (ExportTransfer export =
        channel.beginExport(Ticket.getDefaultInstance(), BOUND, Duration.ZERO)) {
      ExportResult result = export.connections(sink, Duration.ofMinutes(1));
      export.rest(rest);
      return result;
    }
  }

  private static void forEver(ScriptedAgent agent, GuestMessage.Builder message)
      throws IOException, WireFormatException {
    while (true) {
      agent.say(message);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(ended);
    }
  }

  static ScanResult.Builder connections(int count) {
    return ScanResult.newBuilder()
        .addAllConnections(Collections.nCopies(count, ScannedConnection.getDefaultInstance()));
  }

  private static ScanResult.Builder networkInterface(int macBytes, int addresses) {
    return ScanResult.newBuilder()
        .addInterfaces(
            GuestInterface.newBuilder()
                .setMac(ByteString.copyFrom(new byte[macBytes]))
                .addAllAddresses(
                    Collections.nCopies(addresses, InterfaceAddress.getDefaultInstance())));
  }

  private static ByteBuffer frameAround(String hex) {
    byte[] payload = HexFormat.of().parseHex(hex);
    CRC32C checksum = new CRC32C();
    checksum.update(ByteBuffer.allocate(Integer.BYTES).putInt(payload.length).flip());
    // Of a long frame both ends are checked, no more (FrameCodec).
    if (payload.length > 4096) {
      checksum.update(payload, 0, 2048);
      checksum.update(payload, payload.length - 2048, 2048);
    } else {
      checksum.update(payload);
    }
    return ByteBuffer.allocate(FrameCodec.HEADER_BYTES + payload.length)
        .put(MAGIC)
        .putInt(payload.length)
        .putInt((int) checksum.getValue())
        .put(payload)
        .flip();
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  static void all(HostMessage asked, ScriptedAgent agent, GuestMessage.Builder... parts)
      throws IOException, WireFormatException {
    for (GuestMessage.Builder part : parts) {
      agent.say(part.setRequest(asked.getRequest()));
    }
  }

  static GuestMessage.Builder pong(HostMessage asked) {
    return last(asked).setPong(Pong.getDefaultInstance());
  }

  static GuestMessage.Builder part(HostMessage asked) {
    return GuestMessage.newBuilder().setRequest(asked.getRequest());
  }

  static GuestMessage.Builder last(HostMessage asked) {
    return part(asked).setLast(true);
  }
}
