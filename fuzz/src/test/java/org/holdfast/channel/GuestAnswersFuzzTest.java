package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.holdfast.proto.agent.v1.ConformCommit;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.connection.v1.ConnectionId;
import org.holdfast.proto.connection.v1.UnmanagedReason;

/** What an agent may answer, behind the framing: whole conversations of messages. */
final class GuestAnswersFuzzTest {
  private static final int MESSAGES = 16;
  private static final GuestLimits LIMITS = new GuestLimits(8, 4096, 16_384, 4, 8);

  @FuzzTest
  void aScanEndsInAResultOrARefusal(FuzzedDataProvider data) {
    ScanAssembly assembly = new ScanAssembly(answer(), LIMITS);
    refusing(
        () -> {
          messages(data).forEach(assembly::add);
          assertThat(assembly.result().getConnectionsCount()).isLessThanOrEqualTo(8);
          assertThat(assembly.result().getInterfacesCount()).isLessThanOrEqualTo(4);
        });
  }

  @FuzzTest
  void anExportEndsInAResultOrARefusal(FuzzedDataProvider data) {
    Counting sink = new Counting();
    ExportAssembly assembly = new ExportAssembly(answer(), LIMITS, sink);
    PendingAnswer answer = answer();
    refusing(
        () -> {
          for (GuestMessage message : messages(data)) {
            if (assembly.isComplete()) {
              assembly.rest().add(answer, message, sink::rest);
            } else {
              assembly.add(message);
            }
          }
          assembly.result();
        });
    assertThat(sink.bytes).isLessThanOrEqualTo(16_384);
    assertThat(sink.connections).isLessThanOrEqualTo(8);
  }

  @FuzzTest
  void aShortAnswerIsTakenOrRefused(FuzzedDataProvider data) {
    ConformCommit commit = ConformCommit.newBuilder().setConnections(2).build();
    for (GuestMessage message : messages(data)) {
      refusing(() -> GuestAnswers.hello(message.getHello(), answer()));
      refusing(() -> GuestAnswers.conformed(message.getConformResult(), commit, answer()));
    }
  }

  private static PendingAnswer answer() {
    return new PendingAnswer("be fuzzed", 1, false, () -> {});
  }

  private static List<GuestMessage> messages(FuzzedDataProvider data) {
    List<GuestMessage> messages = new ArrayList<>();
    while (data.remainingBytes() > 0 && messages.size() < MESSAGES) {
      try {
        messages.add(GuestMessage.parseFrom(data.consumeBytes(data.consumeInt(0, 512))));
      } catch (InvalidProtocolBufferException noMessage) {
        // The channel drops it and ends the answer.
      }
    }
    return messages;
  }

  private static void refusing(Runnable work) {
    try {
      work.run();
    } catch (AgentFailure refused) {
      assertThat(refused.getMessage()).doesNotContain("\n", "\u001b");
    }
  }

  private static final class Counting implements ExportSink {
    private long bytes;
    private int connections;
    private final Consumer<GuestConnection> take =
        connection -> {
          connections++;
          bytes += connection.export().sendQueue().remaining();
          assertThat(connection.export().sendQueue().remaining())
              .isEqualTo(connection.export().snapshot().sendQueueBytes());
        };

    @Override
    public void exported(GuestConnection connection) {
      take.accept(connection);
    }

    private void rest(int index, ByteBuffer more) {
      bytes += more.remaining();
    }

    @Override
    public void refused(int index, ConnectionId id, UnmanagedReason reason, String detail) {
      assertThat(reason).isNotEqualTo(UnmanagedReason.UNMANAGED_REASON_UNSPECIFIED);
    }
  }
}
