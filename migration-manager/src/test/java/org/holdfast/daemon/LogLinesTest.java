package org.holdfast.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.grpc.StatusRuntimeException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.holdfast.api.ScriptedEngine;
import org.holdfast.channel.AgentChannel;
import org.holdfast.channel.AgentFailure;
import org.holdfast.channel.ChannelOptions;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.v1.MigrationServiceGrpc;
import org.holdfast.proto.v1.SuspendDomainRequest;
import org.holdfast.transport.DaemonAddress;
import org.holdfast.transport.DaemonChannel;
import org.holdfast.wire.FrameCodec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What others write cannot pass for lines of the daemon's log, nor fill it. */
@Timeout(60)
class LogLinesTest {
  private static final Logger OURS = (Logger) LoggerFactory.getLogger("org.holdfast");
  private static final int FRAMES = 500;
  private static final Duration HELLO = Duration.ofSeconds(1);

  @TempDir private Path directory;
  private final ListAppender<ILoggingEvent> written = new ListAppender<>();
  private Level before;

  @BeforeEach
  void listen() {
    before = OURS.getLevel();
    OURS.setLevel(Level.INFO);
    written.start();
    OURS.addAppender(written);
  }

  @AfterEach
  void stop() {
    OURS.detachAppender(written);
    OURS.setLevel(before);
  }

  private List<String> lines() {
    return List.copyOf(written.list).stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void aCallersWordsStayInTheirLine() throws Exception {
    try (DaemonFixture daemon = DaemonFixture.local(directory, new ScriptedEngine());
        DaemonChannel channel = DaemonChannel.local(new DaemonAddress.Local(daemon.socket()))) {
      StatusRuntimeException refused =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () ->
                  MigrationServiceGrpc.newBlockingStub(channel.channel())
                      .suspendDomain(
                          SuspendDomainRequest.newBuilder()
                              .setDomain("web\n2026-01-01 INFO all is well")
                              .build()));
      assertThat(refused).isNotNull();
    }
    assertThat(lines()).anyMatch(line -> line.contains("web?2026-01-01 INFO"));
    assertThat(lines()).noneMatch(line -> line.contains("\n"));
  }

  @Test
  void aChannelThatSaysNothingButRubbishIsComplainedOfOnce() throws Exception {
    Path path = directory.resolve("agent.sock");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      Thread rubbish = new Thread(() -> sendRubbish(server));
      rubbish.start();
      try (AgentChannel channel = AgentChannel.connect(path, ChannelOptions.defaults())) {
        assertThat(catchThrowableOfType(AgentFailure.class, () -> channel.hello(HELLO)))
            .isNotNull();
        rubbish.join();
      }
    }
    assertThat(lines()).filteredOn(line -> line.contains("holds no message")).hasSize(1);
  }

  /** Frames that are whole and hold a message whose request cannot be read. */
  private static void sendRubbish(ServerSocketChannel server) {
    try (SocketChannel host = server.accept()) {
      ByteBuffer frame =
          FrameCodec.encode(
              GuestMessage.newBuilder()
                  .setUnknownFields(
                      com.google.protobuf.UnknownFieldSet.newBuilder()
                          .addField(
                              100,
                              com.google.protobuf.UnknownFieldSet.Field.newBuilder()
                                  .addFixed32(1)
                                  .build())
                          .build())
                  .build());
      // The tag promises eight bytes, and four follow: right by its checksum, wrong by its content.
      int tag = FrameCodec.HEADER_BYTES;
      frame.put(tag, (byte) (frame.get(tag) & ~7 | 1));
      java.util.zip.CRC32C checksum = new java.util.zip.CRC32C();
      checksum.update(ByteBuffer.allocate(4).putInt(frame.getInt(4)).flip());
      checksum.update(frame.slice(tag, frame.limit() - tag));
      frame.putInt(8, (int) checksum.getValue());
      for (int sent = 0; sent < FRAMES; sent++) {
        host.write(frame.rewind());
      }
    } catch (Exception closed) {
      // The channel was closed before it had all of them.
    }
  }
}
