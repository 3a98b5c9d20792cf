package org.holdfast.agent;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.proto.agent.v1.GuestHello;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.agent.v1.HostHello;
import org.holdfast.proto.agent.v1.HostMessage;
import org.holdfast.wire.FrameCodec;
import org.holdfast.wire.FrameDecoder;
import org.holdfast.wire.WireFormatException;

/** The host's end of the channel, as bare as can be: what it sends is what the test says. */
final class HostSide implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final ServerSocketChannel server;
  private SocketChannel channel;
  private FrameDecoder decoder = new FrameDecoder();
  private final ByteBuffer received = ByteBuffer.allocate(64 * 1024).limit(0);
  private long lastRequest;

  private HostSide(ServerSocketChannel server, SocketChannel channel) {
    this.server = server;
    this.channel = channel;
  }

  /** Waits for the agent at a socket that {@link #listen} has made. */
  static HostSide accept(ServerSocketChannel server) throws IOException {
    return new HostSide(server, server.accept());
  }

  static ServerSocketChannel listen(Path path) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(path));
    return server;
  }

  /** Hangs up, and waits until the agent is there again. */
  void reconnect() throws IOException {
    channel.close();
    channel = server.accept();
    decoder = new FrameDecoder();
    received.limit(0);
  }

  /** Says hello as the host does: again and again until it is answered. */
  GuestHello hello(Duration silence) throws IOException {
    long request = ++lastRequest;
    HostMessage hello =
        HostMessage.newBuilder()
            .setRequest(request)
            .setHello(
                HostHello.newBuilder()
                    .setLowestVersion(1)
                    .setHighestVersion(1)
                    .setSilenceBoundMillis((int) silence.toMillis()))
            .build();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      write(hello);
      long again = System.nanoTime() + Duration.ofMillis(250).toNanos();
      while (System.nanoTime() < again) {
        GuestMessage answer = next(Duration.ofNanos(Math.max(1, again - System.nanoTime())));
        if (answer != null && answer.getRequest() == request) {
          return answer.getHello();
        }
      }
    }
    throw new EOFException("no hello from the agent");
  }

  /** A number for a request of several messages. */
  long nextRequest() {
    return ++lastRequest;
  }

  /** Asks, and reads the whole answer. */
  List<GuestMessage> ask(HostMessage.Builder question) throws IOException {
    if (question.getRequest() == 0) {
      question.setRequest(++lastRequest);
    }
    write(question.build());
    return answer(question.getRequest());
  }

  /** Reads the whole answer to a request. */
  List<GuestMessage> answer(long request) throws IOException {
    List<GuestMessage> answer = new ArrayList<>();
    while (true) {
      GuestMessage message = next(PATIENCE);
      if (message == null) {
        throw new EOFException("no answer to request " + request);
      }
      if (message.getRequest() == request) {
        answer.add(message);
        if (message.getLast()) {
          return answer;
        }
      }
    }
  }

  /** Asks what has a one-message answer. */
  GuestMessage askOne(HostMessage.Builder question) throws IOException {
    List<GuestMessage> answer = ask(question);
    if (answer.size() != 1) {
      throw new IOException("expected one message: " + answer);
    }
    return answer.get(0);
  }

  void write(HostMessage message) throws IOException {
    try {
      write(FrameCodec.encode(message));
    } catch (WireFormatException e) {
      throw new IOException(e);
    }
  }

  void write(ByteBuffer bytes) throws IOException {
    channel.configureBlocking(true);
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** The next message; null if none comes in time. */
  @org.jspecify.annotations.Nullable
  GuestMessage next(Duration bound) throws IOException {
    long deadline = System.nanoTime() + bound.toNanos();
    while (true) {
      ByteBuffer payload = decoder.next(received);
      if (payload != null) {
        return GuestMessage.parseFrom(payload);
      }
      long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
      if (left <= 0 || !awaitReadable(left)) {
        return null;
      }
      received.clear();
      if (channel.read(received) < 0) {
        received.limit(0);
        throw new EOFException("the agent hung up");
      }
      received.flip();
    }
  }

  private boolean awaitReadable(long millis) throws IOException {
    try (Selector selector = Selector.open()) {
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ);
      return selector.select(millis) > 0;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    server.close();
  }
}
