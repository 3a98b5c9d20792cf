package org.holdfast.channel;

import com.google.protobuf.ByteString;
import java.util.function.Consumer;
import org.holdfast.proto.agent.v1.ExportResult;
import org.holdfast.proto.agent.v1.ExportedConnection;
import org.holdfast.proto.agent.v1.GuestMessage;
import org.holdfast.proto.connection.v1.ConnectionId;
import org.holdfast.proto.connection.v1.ConnectionState;
import org.holdfast.proto.connection.v1.Endpoint;
import org.holdfast.proto.connection.v1.NegotiatedOptions;
import org.holdfast.proto.connection.v1.Queue;
import org.holdfast.proto.connection.v1.QueueChunk;
import org.holdfast.proto.connection.v1.SocketFamily;
import org.holdfast.proto.connection.v1.TcpState;
import org.holdfast.proto.connection.v1.Window;

/** Messages of an export, as an agent says them. */
final class GuestMessages {
  private GuestMessages() {}

  /** The end of an export. */
  static GuestMessage.Builder end(int connections) {
    return GuestMessage.newBuilder()
        .setLast(true)
        .setExportResult(ExportResult.newBuilder().setConnections(connections));
  }

  /** Bytes {@code from} to {@code to} of a queue. */
  static GuestMessage.Builder chunk(int connection, Queue queue, byte[] bytes, int from, int to) {
    return GuestMessage.newBuilder()
        .setChunk(
            QueueChunk.newBuilder()
                .setConnection(connection)
                .setQueue(queue)
                .setData(ByteString.copyFrom(bytes, from, to - from)));
  }

  /** A sound connection from 10.0.0.5:80 to 10.0.0.6:4711. */
  static GuestMessage.Builder state(int index, int receiveBytes, int sendBytes) {
    return state(index, receiveBytes, sendBytes, state -> {});
  }

  /** The same with something changed. */
  static GuestMessage.Builder state(
      int index, int receiveBytes, int sendBytes, Consumer<ConnectionState.Builder> change) {
    ConnectionState.Builder state =
        ConnectionState.newBuilder()
            .setId(
                ConnectionId.newBuilder()
                    .setLocal(end("0a000005", 80))
                    .setPeer(end("0a000006", 4711)))
            .setFamily(SocketFamily.SOCKET_FAMILY_IPV4)
            .setState(TcpState.TCP_STATE_ESTABLISHED)
            .setReceiveQueueBytes(receiveBytes)
            .setSendQueueBytes(sendBytes)
            .setOptions(NegotiatedOptions.newBuilder().setMssClamp(1_448))
            .setWindow(Window.getDefaultInstance());
    change.accept(state);
    return GuestMessage.newBuilder()
        .setExported(ExportedConnection.newBuilder().setConnection(index).setState(state));
  }

  private static Endpoint end(String hex, int port) {
    return Endpoint.newBuilder().setAddress(ByteString.fromHex(hex)).setPort(port).build();
  }
}
