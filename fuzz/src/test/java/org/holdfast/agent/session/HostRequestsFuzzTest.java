package org.holdfast.agent.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;
import org.holdfast.agent.channel.FrameInput;
import org.holdfast.agent.channel.HostGoneException;
import org.holdfast.proto.agent.v1.HostMessage;
import org.holdfast.wire.FrameCodec;
import org.holdfast.wire.InterfaceResolver;
import org.holdfast.wire.MacAddress;
import org.holdfast.wire.WireFormatException;

/**
 * What a host may ask of the agent: bytes, messages, whole give-backs; all but the kernel calls.
 */
final class HostRequestsFuzzTest {
  private static final InterfaceResolver NO_INTERFACES =
      new InterfaceResolver() {
        @Override
        public Optional<MacAddress> macOf(int interfaceIndex) {
          return Optional.empty();
        }

        @Override
        public OptionalInt indexOf(MacAddress address) {
          return OptionalInt.empty();
        }
      };

  @FuzzTest
  void whateverComesIsAMessageOrPassedOver(byte[] bytes) throws HostGoneException {
    new FrameInput().accept(ByteBuffer.wrap(bytes), message -> message.getBodyCase());
  }

  @FuzzTest
  void aGiveBackIsCompleteOrRefused(FuzzedDataProvider data) throws Exception {
    FrameInput input = new FrameInput();
    ConformBatch batch = new ConformBatch(1);
    while (data.remainingBytes() > 0) {
      ByteBuffer frame = frame(data.consumeBytes(data.consumeInt(0, 512)));
      input.accept(frame, message -> take(batch, message));
    }
    try {
      assertThat(batch.complete(1)).hasSize(1);
    } catch (AgentException refused) {
      assertThat(refused.getMessage()).isNotEmpty();
    }
  }

  private static ByteBuffer frame(byte[] payload) {
    try {
      return FrameCodec.encode(HostMessage.parseFrom(payload));
    } catch (com.google.protobuf.InvalidProtocolBufferException | WireFormatException noMessage) {
      return ByteBuffer.wrap(payload);
    }
  }

  private static void take(ConformBatch batch, HostMessage message) {
    switch (message.getBodyCase()) {
      case CONFORM -> batch.add(message.getConform(), NO_INTERFACES);
      case CHUNK -> batch.add(message.getChunk());
      case EXPORT -> refusing(() -> RequestChecks.ticket(message.getExport().getTicket()));
      case READY ->
          refusing(() -> RequestChecks.freezeBound(message.getReady().getFreezeBoundMillis()));
      default -> {}
    }
  }

  /** A check that may refuse. */
  private interface Check {
    void run() throws AgentException;
  }

  private static void refusing(Check check) {
    try {
      check.run();
    } catch (AgentException refused) {
      assertThat(refused.getMessage()).isNotEmpty();
    }
  }
}
