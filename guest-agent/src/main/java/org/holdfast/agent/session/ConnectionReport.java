package org.holdfast.agent.session;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import org.holdfast.agent.discovery.ConnectionFound;
import org.holdfast.agent.discovery.SocketDiagnosis;
import org.holdfast.proto.agent.v1.ScannedConnection;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.holdfast.wire.ConnectionCodec;
import org.holdfast.wire.EndpointCodec;
import org.holdfast.wire.InterfaceResolver;
import org.holdfast.wire.WireFormatException;

/** Connections found, as the host is told of them. */
final class ConnectionReport {
  private static final Logger LOGGER = System.getLogger(ConnectionReport.class.getName());

  private ConnectionReport() {}

  /** The message; empty if the connection's addresses mean nothing to the host. */
  static Optional<ScannedConnection> of(ConnectionFound found, InterfaceResolver interfaces) {
    SocketDiagnosis socket = found.socket();
    try {
      return Optional.of(
          ScannedConnection.newBuilder()
              .setId(EndpointCodec.encode(socket.local(), socket.peer(), interfaces))
              .setState(ConnectionCodec.encode(socket.state()))
              .setManageable(found.isManageable())
              .setReason(found.unmanaged().orElse(UnmanagedReason.UNMANAGED_REASON_UNSPECIFIED))
              .setOwner(found.owner())
              .setSendQueueBytes(socket.sendQueueBytes())
              .setReceiveQueueBytes(socket.receiveQueueBytes())
              .build());
    } catch (WireFormatException e) {
      LOGGER.log(Level.DEBUG, "a connection is not reported: " + e.getMessage());
      return Optional.empty();
    }
  }
}
