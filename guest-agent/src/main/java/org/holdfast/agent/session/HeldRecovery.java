package org.holdfast.agent.session;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.agent.discovery.ConnectionFound;
import org.holdfast.linux.KernelException;
import org.holdfast.proto.agent.v1.HeldNote;
import org.holdfast.proto.agent.v1.HeldSocket;
import org.holdfast.proto.connection.v1.ConnectionId;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.TcpRepairException;
import org.holdfast.wire.EndpointCodec;
import org.holdfast.wire.WireFormatException;

/**
 * Finds again what an agent that died had exported. Its sockets are their applications', and live;
 * a connection whose application has closed it died with that agent's duplicate.
 */
final class HeldRecovery {
  private static final Logger LOGGER = System.getLogger(HeldRecovery.class.getName());

  private final GuestKernel kernel;

  HeldRecovery(GuestKernel kernel) {
    this.kernel = kernel;
  }

  /** What of it is there. Sockets that were being conformed are out of repair afterwards. */
  Held.Exported find(HeldNote note) {
    Map<Long, HeldSocket> noted = new HashMap<>();
    note.getSocketsList().forEach(socket -> noted.put(socket.getInode(), socket));
    List<HeldConnection> found = new ArrayList<>();
    try (Duplicator duplicator = new Duplicator(kernel.sockets())) {
      for (ConnectionFound connection : kernel.discovery().scan()) {
        HeldSocket socket = noted.get(connection.socket().inode());
        if (socket != null && id(connection).equals(Optional.of(socket.getId()))) {
          adopt(connection, socket, duplicator).ifPresent(found::add);
        }
      }
    }
    LOGGER.log(
        Level.INFO,
        "an earlier agent ended while the host held "
            + noted.size()
            + " connections; "
            + found.size()
            + " of them are here");
    return new Held.Exported(
        note.getTicket(), Duration.ofMillis(note.getFreezeBoundMillis()), found);
  }

  private Optional<ConnectionId> id(ConnectionFound connection) {
    try {
      return Optional.of(
          EndpointCodec.encode(
              connection.socket().local(),
              connection.socket().peer(),
              kernel.discovery().interfaces()));
    } catch (WireFormatException e) {
      return Optional.empty();
    }
  }

  private static Optional<HeldConnection> adopt(
      ConnectionFound connection, HeldSocket noted, Duplicator duplicator) {
    if (connection.holders().isEmpty()) {
      return Optional.empty();
    }
    try {
      RepairSocket socket = duplicator.duplicate(connection.holders().get(0));
      socket.goOn(noted.getUserTimeoutMillis());
      return Optional.of(
          new HeldConnection(
              noted.getConnection(),
              noted.getId(),
              noted.getInode(),
              noted.getUserTimeoutMillis(),
              socket));
    } catch (KernelException | TcpRepairException gone) {
      LOGGER.log(Level.WARNING, "connection " + noted.getConnection() + " is not found: " + gone);
      return Optional.empty();
    }
  }
}
