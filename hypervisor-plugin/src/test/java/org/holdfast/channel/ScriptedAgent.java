package org.holdfast.channel;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.agent.v1.HostMessage;
import org.holdfast.wire.FrameCodec;
import org.holdfast.wire.FrameDecoder;
import org.holdfast.wire.WireFormatException;

/** The other end of a channel, on a real Unix socket, that does what a test tells it to. */
final class ScriptedAgent implements AutoCloseable {
  /** What to do about a message of the host. */
  interface Script {
    void answer(HostMessage message, ScriptedAgent agent) throws IOException, WireFormatException;
  }

  private final Path path;
  private final ServerSocketChannel server;
  private final Script script;
  private final List<HostMessage> heard = new CopyOnWriteArrayList<>();
  private volatile SocketChannel host;

  @SuppressWarnings("NullAway.Init") // host: set by the accepting thread before any script runs
  ScriptedAgent(Path directory, Script script) throws IOException {
    this.path = directory.resolve("agent.sock");
    this.script = script;
    this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(path));
    Thread thread = new Thread(this::serve, "scripted-agent");
    thread.setDaemon(true);
    thread.start();
  }

  Path path() {
    return path;
  }

  List<HostMessage> heard() {
    return heard;
  }

  /** Sends a message to the host. */
  void say(GuestMessage.Builder message) throws IOException, WireFormatException {
    sayRaw(FrameCodec.encode(message.build()));
  }

  /** Sends bytes to the host. */
  void sayRaw(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      host.write(bytes);
    }
  }

  /** Leaves. */
  void hangUp() throws IOException {
    host.close();
  }

  private void serve() {
    ByteBuffer bytes = ByteBuffer.allocate(64 * 1024);
    FrameDecoder decoder = new FrameDecoder();
    try {
      host = server.accept();
      while (host.read(bytes.clear()) >= 0) {
        bytes.flip();
        for (ByteBuffer payload = decoder.next(bytes);
            payload != null;
            payload = decoder.next(bytes)) {
          HostMessage message = HostMessage.parseFrom(payload);
          heard.add(message);
          script.answer(message, this);
        }
      }
    } catch (IOException | WireFormatException closed) {
      // The test is over.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    if (host != null) {
      host.close();
    }
    Files.deleteIfExists(path);
  }
}
