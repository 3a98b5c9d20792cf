package org.holdfast.takeover.host;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.NetworkInterfaces;
import org.holdfast.linux.PacketSocket;
import org.holdfast.linux.PollSet;

/** Listens at a device, on a thread of its own, and passes on the beginning of each frame. */
final class WireListener implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 << 20;
  private static final int HEADERS = 128;

  private final PacketSocket socket;
  private final Consumer<byte[]> ear;
  private final Thread thread;
  private volatile boolean ending;

  /**
   * @param incomingOnly whether frames that this machine sends are left out
   * @param ear is given the first 128 bytes of each frame, by the listener's thread
   */
  WireListener(NamespaceThread place, String device, boolean incomingOnly, Consumer<byte[]> ear) {
    this.ear = ear;
    socket =
        place.call(
            () ->
                PacketSocket.open(
                    NetworkInterfaces.index(device), BUFFER_BYTES, incomingOnly, List.of()));
    thread = new Thread(this::listen, "wire listener");
  }

  /** Begins; not before what the ear needs is there. */
  void start() {
    thread.start();
  }

  private void listen() {
    PollSet poll = new PollSet(socket.descriptor());
    ByteBuffer frame = ByteBuffer.allocateDirect(HEADERS);
    while (!ending) {
      poll.await(Duration.ofMillis(50));
      while (socket.receive(frame.clear()) >= 0) {
        byte[] headers = new byte[frame.flip().remaining()];
        frame.get(headers);
        ear.accept(headers);
      }
    }
  }

  /** Ends the listening; what was heard can be looked at then. */
  void stop() throws InterruptedException {
    ending = true;
    thread.join();
  }

  @Override
  public void close() throws InterruptedException {
    stop();
    socket.close();
  }
}
