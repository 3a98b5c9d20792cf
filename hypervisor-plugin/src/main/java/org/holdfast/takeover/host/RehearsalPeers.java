package org.holdfast.takeover.host;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.holdfast.linux.Descriptors;
import org.holdfast.linux.KernelException;
import org.holdfast.linux.LinuxTcpSockets;
import org.holdfast.linux.SocketQueues;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.RepairSocket.AfterExport;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpRepairException;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.tcp.TcpWindow;

/**
 * The other ends of a rehearsal's connections: sockets like any others, which talk all the time.
 * What a holder receives, hands over and parks is then what it is when it counts.
 */
public final class RehearsalPeers implements AutoCloseable {
  private static final int SEGMENT_BYTES = 1448;

  /** Two thousand segments a second: what some tens of busy peers send. */
  private static final long PAUSE_NANOS = 500_000;

  private static final int MOST_UNACKNOWLEDGED_BYTES = 1 << 17;

  private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);
  private static final int BUFFER_BYTES = 1 << 20;

  private final List<RepairSocket> sockets = new ArrayList<>();
  private boolean silent;

  private RehearsalPeers() {}

  /**
   * They begin to talk.
   *
   * @param theirs the VM's ends of the connections
   * @throws TcpRepairException if this host cannot make such sockets
   */
  static RehearsalPeers of(List<TcpSnapshot> theirs) {
    RehearsalPeers peers = new RehearsalPeers();
    try {
      theirs.forEach(peers::add);
    } catch (TcpRepairException e) {
      peers.closeSockets();
      throw e;
    }
    Thread voice = new Thread(peers::speak, "rehearsal-peers");
    voice.setDaemon(true);
    voice.start();
    return peers;
  }

  private void add(TcpSnapshot theirs) {
    RepairSocket socket = new LinuxTcpSockets().create(theirs.family());
    sockets.add(socket);
    socket.recreate(new TcpExport(otherEnd(theirs), NOTHING, NOTHING), BUFFER_BYTES);
    socket.release();
  }

  private static TcpSnapshot otherEnd(TcpSnapshot theirs) {
    int seen = theirs.sendEnd() - theirs.unsentBytes();
    int room = theirs.window().receiveWindow();
    return new TcpSnapshot(
        theirs.family(),
        theirs.peer(),
        theirs.local(),
        theirs.state(),
        theirs.receiveEnd(),
        seen,
        0,
        0,
        0,
        theirs.options(),
        theirs.timestamp(),
        new TcpWindow(seen, room, room, theirs.window().sendWindow(), seen),
        theirs.roundTripTime(),
        theirs.congestionControl(),
        false,
        false,
        0,
        0);
  }

  private void speak() {
    ByteBuffer words = ByteBuffer.allocateDirect(SEGMENT_BYTES);
    for (int turn = 0; speak(turn, words.clear()); turn = (turn + 1) % sockets.size()) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** Returns whether there is somebody to speak. */
  private synchronized boolean speak(int turn, ByteBuffer words) {
    if (silent) {
      return false;
    }
    int socket = sockets.get(turn).descriptor();
    try {
      if (SocketQueues.unacknowledged(socket) < MOST_UNACKNOWLEDGED_BYTES) { // else it would wait
        Descriptors.write(socket, words);
      }
    } catch (KernelException ended) {
      // the others go on
    }
    return true;
  }

  @Override
  public synchronized void close() {
    silent = true;
    closeSockets();
  }

  /** Without a word: nobody would answer it. */
  private void closeSockets() {
    for (RepairSocket socket : sockets) {
      try {
        socket.export(AfterExport.STAY_IN_REPAIR);
      } catch (TcpRepairException ended) {
        // then it says nothing either
      } finally {
        socket.close();
      }
    }
  }
}
