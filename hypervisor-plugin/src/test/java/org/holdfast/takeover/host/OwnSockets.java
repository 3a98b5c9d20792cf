package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.linux.AppSocket;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.takeover.ConnectionToHold;
import org.holdfast.takeover.GuestPorts;
import org.holdfast.takeover.ReachedConnection;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.RepairSocket.AfterExport;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.wire.ConnectionCodec;
import org.holdfast.wire.InterfaceResolver;
import org.holdfast.wire.WireFormatException;

/** What an agent does, for guest sockets of this very process, which nobody uses meanwhile. */
final class OwnSockets {
  private final NamespaceThread guest;
  private final List<RepairSocket> sockets = new ArrayList<>();

  OwnSockets(NamespaceThread guest) {
    this.guest = guest;
  }

  /** The port is fenced: exports, recreates; at the end the copies speak. */
  void takeOver(TakeoverNamespace takeover, List<AppSocket> applications) {
    for (AppSocket application : applications) {
      RepairSocket socket = application.adopt();
      TcpExport export = socket.export(AfterExport.LEAVE_SILENTLY);
      ConnectionToHold toHold = new ConnectionToHold(sockets.size(), copy(export), null);
      assertThat(takeover.connections().recreate(List.of(toHold)))
          .as(export.snapshot().toString())
          .isEmpty();
      sockets.add(socket);
    }
    takeover.open();
    takeover.connections().release();
    takeover.replayParked();
  }

  private static TcpExport copy(TcpExport export) {
    return new TcpExport(export.snapshot(), copy(export.receiveQueue()), copy(export.sendQueue()));
  }

  private static ByteBuffer copy(ByteBuffer bytes) {
    return ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
  }

  /** The copies are shut; at the end the connections are the guest's own again. */
  void giveBack(TakeoverNamespace takeover, GuestPorts guestPorts) throws WireFormatException {
    List<ReachedConnection> reached = new ArrayList<>();
    takeover.connections().exportAll(one -> reached.add(GuestProcess.copy(one)));
    for (ReachedConnection one : reached) {
      TcpSnapshot state = overTheWire(one);
      RepairSocket socket = sockets.get(one.index());
      guest.call(() -> socket.conform(state, one.received()));
    }
    takeover.passOnParked(guestPorts::inject);
    guestPorts.open();
    takeover.handOver(guestPorts::inject);
    sockets.forEach(RepairSocket::release);
    sockets.forEach(RepairSocket::close);
    sockets.clear();
  }

  /** As daemons and agent tell it each other. */
  private static TcpSnapshot overTheWire(ReachedConnection one) throws WireFormatException {
    return ConnectionCodec.decode(
        ConnectionCodec.encode(one.reached(), one.resetErrno(), InterfaceResolver.none()),
        InterfaceResolver.none());
  }
}
