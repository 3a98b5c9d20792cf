package org.holdfast.agent.session;

import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;
import org.holdfast.agent.discovery.SocketHolder;
import org.holdfast.linux.Descriptors;
import org.holdfast.linux.PidDescriptors;
import org.holdfast.tcp.RepairSocket;

/**
 * Duplicates sockets out of their owners, while those stand. A duplicate taken earlier would keep a
 * connection open that its owner closes meanwhile, and its peer would wait for the FIN.
 */
final class Duplicator implements AutoCloseable {
  private final IntFunction<RepairSocket> sockets;
  private final Map<Integer, PidDescriptors> processes = new HashMap<>();

  /**
   * @param sockets makes a RepairSocket of a descriptor of this process
   */
  Duplicator(IntFunction<RepairSocket> sockets) {
    this.sockets = sockets;
  }

  /**
   * Duplicates one socket.
   *
   * @throws org.holdfast.linux.KernelException if the process or the descriptor is gone
   * @throws org.holdfast.tcp.TcpRepairException if the descriptor is no connected TCP socket any
   *     more
   */
  RepairSocket duplicate(SocketHolder holder) {
    PidDescriptors process = processes.computeIfAbsent(holder.pid(), PidDescriptors::open);
    int descriptor = process.duplicate(holder.descriptor());
    boolean adopted = false;
    try {
      RepairSocket socket = sockets.apply(descriptor);
      adopted = true;
      return socket;
    } finally {
      if (!adopted) {
        Descriptors.close(descriptor);
      }
    }
  }

  @Override
  public void close() {
    processes.values().forEach(PidDescriptors::close);
    processes.clear();
  }
}
