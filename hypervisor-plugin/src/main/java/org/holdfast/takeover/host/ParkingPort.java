package org.holdfast.takeover.host;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.holdfast.linux.KernelException;
import org.holdfast.linux.PacketSocket;
import org.holdfast.linux.PacketSocket.FilterInstruction;
import org.holdfast.takeover.FrameCount;
import org.holdfast.takeover.ParkedFrame;
import org.holdfast.wire.MacAddress;

/**
 * Where frames for a VM's MAC wait while nobody may answer them: a device that leads nowhere, and a
 * packet socket that sees what is sent there. The socket's buffer is the bound; when it is full new
 * frames are lost, so that what waits of a connection is always its beginning.
 */
final class ParkingPort implements AutoCloseable {
  private static final int LARGEST_FRAME = 1 << 16;

  private final PacketSocket socket;
  private final ByteBuffer frame = ByteBuffer.allocateDirect(LARGEST_FRAME);

  /**
   * To be made on a thread of the device's network namespace.
   *
   * @param interfaceIndex of the device
   * @param filter which frames are to wait
   * @param bytes of the buffer, the kernel's overhead included
   */
  ParkingPort(int interfaceIndex, List<FilterInstruction> filter, int bytes) {
    socket = PacketSocket.open(interfaceIndex, bytes, false, filter);
  }

  /** Where frames go. */
  interface Sink {
    /**
     * Takes position to limit of {@code frame}, which is direct and reused.
     *
     * @return false if it got lost
     */
    boolean accept(ByteBuffer frame);
  }

  /**
   * Copies frames for a receiver that keeps them.
   *
   * @param mac of the VM's interface they are meant for
   */
  static Sink to(MacAddress mac, Consumer<ParkedFrame> receiver) {
    return frame -> {
      byte[] copy = new byte[frame.remaining()];
      frame.get(copy);
      receiver.accept(new ParkedFrame(mac, copy));
      return true;
    };
  }

  /** For {@link org.holdfast.linux.PollSet}. */
  int descriptor() {
    return socket.descriptor();
  }

  /** Passes on all that waits, in order, and what comes meanwhile, until none waits any more. */
  FrameCount drain(Sink sink) {
    long frames = 0;
    long bytes = 0;
    long lost = 0;
    int length = receive();
    while (length >= 0) {
      if (length <= LARGEST_FRAME && sink.accept(frame.flip())) {
        frames++;
        bytes += length;
      } else {
        lost++;
      }
      length = receive();
    }
    return new FrameCount(frames, bytes, lost + socket.statistics().dropped());
  }

  /**
   * Passes on all that waits, and what comes meanwhile, until nothing has come for {@code gap}.
   *
   * @param longest how long to look for such a gap at most
   */
  FrameCount drainToGap(Sink sink, Duration gap, Duration longest) {
    FrameCount count = drain(sink);
    long now = System.nanoTime();
    long deadline = now + longest.toNanos();
    long quietSince = now;
    while (now - quietSince < gap.toNanos() && now < deadline) {
      FrameCount more = drain(sink);
      now = System.nanoTime();
      if (more.frames() > 0) {
        count = count.plus(more);
        quietSince = now;
      }
    }
    return count;
  }

  private int receive() {
    try {
      return socket.receive(frame.clear());
    } catch (KernelException e) {
      // Said once when the port goes down; the frames before that are still there.
      return socket.receive(frame.clear());
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
