package org.holdfast.lab.bench;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.lab.bench.CostBench.Cost;
import org.holdfast.linux.LinuxTcpSockets;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.PidDescriptors;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.RepairSocket.ReadAhead;
import org.holdfast.tcp.RepairSocket.Stillness;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpSnapshot;
import org.holdfast.tcp.TcpWindow;

/**
 * Takes an application's connections over and back with Holdfast's own library, and has a look at
 * the clock where a blackout would begin and end: what is done before one is not counted.
 */
final class HoldfastCost {
  private static final int BUFFER_BYTES = 1 << 18;
  private static final int RECEIVED_BYTES = 1000;

  /** As many at once as a process may have descriptors for, as in cost.c. */
  private static final int COPIES_AT_ONCE = 5000;

  private final LinuxTcpSockets sockets = new LinuxTcpSockets();
  private final int application;
  private final List<Integer> descriptors;
  private final NamespaceThread holder;

  /**
   * @param application its process id
   * @param descriptors of its connections
   * @param holder where copies are made
   */
  HoldfastCost(int application, List<Integer> descriptors, NamespaceThread holder) {
    this.application = application;
    this.descriptors = descriptors;
    this.holder = holder;
  }

  Cost round() {
    List<RepairSocket> originals = duplicates();
    List<ReadAhead> ahead = readAhead(originals, Stillness.OWNERS_STAND);
    List<TcpExport> exports = new ArrayList<>(originals.size());
    long begin = System.nanoTime();
    for (int i = 0; i < originals.size(); i++) {
      exports.add(originals.get(i).exportOriginal(ahead.get(i)));
    }
    long exported = System.nanoTime() - begin;
    originals.forEach(RepairSocket::close);
    long recreated = 0;
    for (int from = 0; from < exports.size(); from += COPIES_AT_ONCE) {
      int to = Math.min(from + COPIES_AT_ONCE, exports.size());
      recreated += recreate(exports.subList(from, to));
    }
    return new Cost(exported, recreated, conform(exports));
  }

  private List<RepairSocket> duplicates() {
    try (PidDescriptors process = PidDescriptors.open(application)) {
      return descriptors.stream()
          .map(descriptor -> sockets.adopt(process.duplicate(descriptor)))
          .toList();
    }
  }

  private static List<ReadAhead> readAhead(List<RepairSocket> of, Stillness stillness) {
    return of.stream().map(socket -> socket.readAhead(stillness)).toList();
  }

  private long recreate(List<TcpExport> exports) {
    List<RepairSocket> copies = new ArrayList<>(exports.size());
    long took =
        holder.call(
            () -> {
              long begin = System.nanoTime();
              for (TcpExport export : exports) {
                RepairSocket copy = sockets.create(export.snapshot().family());
                copy.recreate(export, BUFFER_BYTES);
                copies.add(copy);
              }
              return System.nanoTime() - begin;
            });
    copies.forEach(RepairSocket::close); // in repair: silent
    return took;
  }

  /** Each copy has received something meanwhile. */
  private long conform(List<TcpExport> exports) {
    List<RepairSocket> originals = duplicates();
    List<ReadAhead> ahead = readAhead(originals, Stillness.FENCED);
    List<TcpSnapshot> reached = exports.stream().map(export -> reached(export.snapshot())).toList();
    List<ByteBuffer> received = List.of(ByteBuffer.allocateDirect(RECEIVED_BYTES));
    long begin = System.nanoTime();
    for (int i = 0; i < originals.size(); i++) {
      originals.get(i).conform(reached.get(i), received, ahead.get(i));
    }
    originals.forEach(RepairSocket::release);
    long took = System.nanoTime() - begin;
    originals.forEach(RepairSocket::close);
    return took;
  }

  private static TcpSnapshot reached(TcpSnapshot export) {
    TcpWindow window = export.window();
    return new TcpSnapshot(
        export.family(),
        export.local(),
        export.peer(),
        export.state(),
        export.sendEnd(),
        export.receiveEnd() + RECEIVED_BYTES,
        export.sendQueueBytes(),
        export.unsentBytes(),
        RECEIVED_BYTES,
        export.options(),
        export.timestamp(),
        new TcpWindow(
            window.sendWl1() + RECEIVED_BYTES,
            window.sendWindow(),
            window.maxWindow(),
            window.receiveWindow(),
            window.receiveWindowUpdate() + RECEIVED_BYTES),
        export.roundTripTime(),
        export.congestionControl(),
        export.noDelay(),
        export.keepAlive(),
        export.userTimeoutMillis(),
        export.socketError());
  }
}
