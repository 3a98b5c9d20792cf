package org.holdfast.migration.run;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.holdfast.channel.AgentChannel;
import org.holdfast.proto.agent.v1.ConformResult;
import org.holdfast.proto.agent.v1.ConformedConnection;
import org.holdfast.proto.agent.v1.ExportResult;
import org.holdfast.proto.agent.v1.ExportedConnection;
import org.holdfast.proto.agent.v1.ForgetResult;
import org.holdfast.proto.agent.v1.GuestHello;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.agent.v1.HostMessage;
import org.holdfast.proto.agent.v1.Pong;
import org.holdfast.proto.agent.v1.ReadyResult;
import org.holdfast.proto.agent.v1.ReleaseResult;
import org.holdfast.proto.connection.v1.ConnectionState;
import org.holdfast.proto.connection.v1.Queue;
import org.holdfast.proto.connection.v1.QueueChunk;
import org.holdfast.takeover.host.RehearsalNetwork;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.wire.ConnectionCodec;
import org.holdfast.wire.FrameCodec;
import org.holdfast.wire.FrameDecoder;
import org.holdfast.wire.InterfaceResolver;
import org.holdfast.wire.WireFormatException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The other end of a rehearsal's channel: speaks as an agent does, of connections that nobody has.
 */
final class RehearsalGuest implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RehearsalGuest.class);
  private static final int READ_BYTES = 64 * 1024;
  private static final int UNSENT_BYTES = 1448;

  private final Path directory;
  private final ServerSocketChannel server;
  private final List<TcpSnapshot> connections;

  private RehearsalGuest(
      Path directory, ServerSocketChannel server, List<TcpSnapshot> connections) {
    this.directory = directory;
    this.server = server;
    this.connections = connections;
  }

  /** Begins to listen. It has so many connections between the stage's VM and its peer. */
  static RehearsalGuest start(RehearsalNetwork stage, int count) throws IOException {
    List<TcpSnapshot> connections = stage.connections(count, UNSENT_BYTES);
    Path directory = Files.createTempDirectory("holdfast-rehearsal");
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    RehearsalGuest guest = new RehearsalGuest(directory, server, connections);
    server.bind(UnixDomainSocketAddress.of(guest.channel()));
    Thread thread = new Thread(guest::serve, "rehearsal-guest");
    thread.setDaemon(true);
    thread.start();
    return guest;
  }

  /** Its ends of its connections. */
  List<TcpSnapshot> connections() {
    return connections;
  }

  /** Where it listens, as QEMU would. */
  Path channel() {
    return directory.resolve("agent");
  }

  private void serve() {
    while (server.isOpen()) {
      try (SocketChannel host = server.accept()) {
        converse(host);
      } catch (IOException | WireFormatException ended) {
        log.debug("the rehearsal's channel is closed", ended);
      }
    }
  }

  private void converse(SocketChannel host) throws IOException, WireFormatException {
    FrameDecoder decoder = new FrameDecoder();
    ByteBuffer bytes = ByteBuffer.allocate(READ_BYTES);
    while (host.read(bytes.clear()) >= 0) {
      bytes.flip();
      for (ByteBuffer payload = decoder.next(bytes);
          payload != null;
          payload = decoder.next(bytes)) {
        answer(HostMessage.parseFrom(payload), host);
      }
    }
  }

  private void answer(HostMessage message, SocketChannel host)
      throws IOException, WireFormatException {
    GuestMessage.Builder last =
        GuestMessage.newBuilder().setRequest(message.getRequest()).setLast(true);
    switch (message.getBodyCase()) {
      case HELLO -> say(host, last.setHello(hello()));
      case READY -> say(host, last.setReadyResult(ReadyResult.getDefaultInstance()));
      case EXPORT -> {
        for (int i = 0; i < connections.size(); i++) {
          export(host, message.getRequest(), i);
        }
        say(
            host,
            last.setExportResult(ExportResult.newBuilder().setConnections(connections.size())));
      }
      case CONFORM_COMMIT -> say(host, last.setConformResult(conformed()));
      case RELEASE ->
          say(
              host,
              last.setReleaseResult(ReleaseResult.newBuilder().setReleased(connections.size())));
      case FORGET -> say(host, last.setForgetResult(ForgetResult.getDefaultInstance()));
      case PING -> say(host, last.setPong(Pong.getDefaultInstance()));
      default -> {} // parts of a conform: the commit is answered
    }
  }

  private static GuestHello hello() {
    return GuestHello.newBuilder()
        .setLowestVersion(AgentChannel.LOWEST_VERSION)
        .setHighestVersion(AgentChannel.HIGHEST_VERSION)
        .setTakesAhead(true)
        .build();
  }

  private void export(SocketChannel host, long request, int index)
      throws IOException, WireFormatException {
    ConnectionState state =
        ConnectionCodec.encode(connections.get(index), InterfaceResolver.none());
    say(
        host,
        GuestMessage.newBuilder()
            .setRequest(request)
            .setExported(ExportedConnection.newBuilder().setConnection(index).setState(state)));
    say(
        host,
        GuestMessage.newBuilder()
            .setRequest(request)
            .setChunk(
                QueueChunk.newBuilder()
                    .setConnection(index)
                    .setQueue(Queue.QUEUE_SEND)
                    .setData(ByteString.copyFrom(new byte[UNSENT_BYTES]))));
  }

  private ConformResult conformed() {
    ConformResult.Builder result = ConformResult.newBuilder();
    IntStream.range(0, connections.size())
        .mapToObj(i -> ConformedConnection.newBuilder().setConnection(i).setConformed(true))
        .forEach(result::addConnections);
    return result.build();
  }

  private static void say(SocketChannel host, GuestMessage.Builder message)
      throws IOException, WireFormatException {
    ByteBuffer frame = FrameCodec.encode(message.build());
    while (frame.hasRemaining()) {
      host.write(frame);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    Files.deleteIfExists(channel());
    Files.deleteIfExists(directory);
  }
}
