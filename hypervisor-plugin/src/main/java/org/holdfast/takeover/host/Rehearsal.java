package org.holdfast.takeover.host;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.holdfast.linux.LinuxTcpSockets;
import org.holdfast.tcp.NegotiatedOptions;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.RepairSocket.AfterExport;
import org.holdfast.tcp.RoundTripTime;
import org.holdfast.tcp.SocketFamily;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpRepairException;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.tcp.TcpState;
import org.holdfast.tcp.TcpWindow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection of nobody with nobody, over {@code lo}, recreated, exported and dropped. */
final class Rehearsal {
  private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);
  private static final int TIMES = 20;
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int SEQUENCE = 1_000_000;

  private Rehearsal() {}

  /** To be called on a thread of the takeover namespace. */
  static boolean run() {
    try {
      for (int i = 0; i < TIMES; i++) {
        once();
      }
    } catch (TcpRepairException e) {
      // The real thing will say so for each connection.
      LOG.warn("TCP_REPAIR does not work as expected on this host: {}", e.getMessage());
    }
    return true;
  }

  private static void once() {
    RepairSocket socket = new LinuxTcpSockets().create(SocketFamily.IPV4);
    try {
      socket.recreate(export(), BUFFER_BYTES);
      socket.state();
      socket.export(AfterExport.STAY_IN_REPAIR);
    } finally {
      socket.close();
    }
  }

  private static TcpExport export() {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    TcpSnapshot snapshot =
        new TcpSnapshot(
            SocketFamily.IPV4,
            new InetSocketAddress(loopback, 1),
            new InetSocketAddress(loopback, 2),
            TcpState.ESTABLISHED,
            SEQUENCE,
            SEQUENCE,
            1,
            0,
            0,
            new NegotiatedOptions(true, true, true, 7, 7, 1448, false),
            SEQUENCE,
            new TcpWindow(SEQUENCE, BUFFER_BYTES, BUFFER_BYTES, BUFFER_BYTES, SEQUENCE),
            new RoundTripTime(0, 0),
            "",
            true,
            false,
            0,
            0);
    return new TcpExport(snapshot, ByteBuffer.allocateDirect(0), ByteBuffer.allocateDirect(1));
  }
}
