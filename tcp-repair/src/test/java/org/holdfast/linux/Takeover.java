package org.holdfast.linux;

import java.nio.ByteBuffer;
import java.util.function.UnaryOperator;
import org.holdfast.linux.NetworkNamespaces.Place;
import org.holdfast.tcp.RepairSocket;
import org.holdfast.tcp.RepairSocket.AfterExport;
import org.holdfast.tcp.RepairSocket.Conformed;
import org.holdfast.tcp.TcpExport;
import org.holdfast.tcp.TcpSnapshot;

/** The life of one takeover, as the product's parts will live it between them. */
final class Takeover implements AutoCloseable {
  static final int DEEP_BYTES = 32 << 20;

  private final NetworkNamespaces network;
  private final RepairSocket original;
  private final RepairSocket copy;
  private final TcpSnapshot exported;

  private Takeover(
      NetworkNamespaces network, RepairSocket original, RepairSocket copy, TcpSnapshot exported) {
    this.network = network;
    this.original = original;
    this.copy = copy;
    this.exported = exported;
  }

  /** Fence, export, recreate; the holder's port is open at the end and the copy speaks. */
  static Takeover of(NetworkNamespaces network, TcpPair pair) {
    return of(network, pair, whole -> whole);
  }

  /** The same, where the copy gets only what was sent already. */
  static Takeover withoutUnsent(NetworkNamespaces network, TcpPair pair) {
    return of(network, pair, TcpExport::withoutUnsent);
  }

  private static Takeover of(
      NetworkNamespaces network, TcpPair pair, UnaryOperator<TcpExport> part) {
    network.fence(Place.GUEST);
    Takeover takeover = prepare(network, pair, part);
    network.open(Place.HOLDER);
    takeover.copy.release();
    return takeover;
  }

  /** Export and recreate; ports as they are, the copy in repair. */
  static Takeover prepare(NetworkNamespaces network, TcpPair pair) {
    return prepare(network, pair, whole -> whole);
  }

  private static Takeover prepare(
      NetworkNamespaces network, TcpPair pair, UnaryOperator<TcpExport> part) {
    RepairSocket original = pair.adoptGuest();
    TcpExport export =
        network
            .in(Place.GUEST)
            .call(() -> detached(part.apply(original.export(AfterExport.LEAVE_SILENTLY))));
    RepairSocket copy =
        network
            .in(Place.HOLDER)
            .call(
                () -> {
                  RepairSocket socket = new LinuxTcpSockets().create(pair.family());
                  socket.recreate(export, DEEP_BYTES);
                  return socket;
                });
    return new Takeover(network, original, copy, export.snapshot());
  }

  /** A copy of an export that outlives the thread's memory. */
  static TcpExport detached(TcpExport export) {
    return new TcpExport(export.snapshot(), copy(export.receiveQueue()), copy(export.sendQueue()));
  }

  private static ByteBuffer copy(ByteBuffer buffer) {
    return ByteBuffer.allocate(buffer.remaining()).put(buffer.duplicate()).flip();
  }

  TcpSnapshot exported() {
    return exported;
  }

  RepairSocket copy() {
    return copy;
  }

  RepairSocket original() {
    return original;
  }

  /** Fence, final export, conform, open, release. The copy is gone at the end. */
  Conformed giveBack() {
    Conforming conforming = conforming();
    conforming.finish();
    return conforming.conformed();
  }

  /** Up to where the original has the copy's state and both are still fenced. */
  Conforming conforming() {
    network.fence(Place.HOLDER);
    TcpExport reached =
        network.in(Place.HOLDER).call(() -> detached(copy.export(AfterExport.STAY_IN_REPAIR)));
    Conformed conformed =
        network
            .in(Place.GUEST)
            .call(() -> original.conform(reached.snapshot(), reached.receiveQueue()));
    return new Conforming(this, conformed);
  }

  /** A give-back of which only the opening is missing. */
  record Conforming(Takeover takeover, Conformed conformed) {
    void finish() {
      takeover.network.open(Place.GUEST);
      takeover.original.release();
      takeover.copy.close();
    }
  }

  @Override
  public void close() {
    original.close();
  }
}
