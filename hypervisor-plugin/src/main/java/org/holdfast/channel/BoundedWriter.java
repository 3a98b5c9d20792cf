package org.holdfast.channel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Writes to a socket in non-blocking mode and waits, but not for ever, where it is full: a guest
 * that does not read must not hold the host up. Small messages are gathered first: QEMU interrupts
 * the guest for each piece it reads.
 */
final class BoundedWriter implements WritableByteChannel {
  private static final int GATHERED_BYTES = 32 * 1024;

  private final SocketChannel socket;
  private final ByteBuffer gathered = ByteBuffer.allocateDirect(GATHERED_BYTES);
  private final Selector writable;
  private Deadline deadline = Deadline.in(Duration.ZERO);

  BoundedWriter(SocketChannel socket) throws IOException {
    this.socket = socket;
    this.writable = Selector.open();
    socket.register(writable, SelectionKey.OP_WRITE);
  }

  /** The other side does not read. */
  static final class StuckException extends IOException {
    private static final long serialVersionUID = 1L;

    StuckException(String message) {
      super(message);
    }
  }

  /** From here on writes must be done before the deadline. */
  void begin(Deadline newDeadline) {
    deadline = newDeadline;
  }

  /** Takes bytes; writes only what has no room. */
  @Override
  public int write(ByteBuffer bytes) throws IOException {
    int count = bytes.remaining();
    if (count > gathered.remaining()) {
      flush();
    }
    if (count > gathered.remaining()) {
      writeWhole(bytes);
    } else {
      gathered.put(bytes);
    }
    return count;
  }

  /** Writes what was taken. */
  void flush() throws IOException {
    gathered.flip();
    writeWhole(gathered);
    gathered.clear();
  }

  private void writeWhole(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (socket.write(bytes) > 0) {
        continue;
      }
      if (deadline.isOver()) {
        throw new StuckException(
            "the guest has not read for " + deadline.bound().toMillis() + " ms");
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new StuckException("interrupted in the middle of a message");
      }
      waitForRoom();
    }
  }

  private void waitForRoom() throws IOException {
    try {
      writable.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline.remainingNanos())));
      writable.selectedKeys().clear();
    } catch (ClosedSelectorException closed) {
      throw (IOException) new ClosedChannelException().initCause(closed);
    }
  }

  @Override
  public boolean isOpen() {
    return socket.isOpen();
  }

  @Override
  public void close() throws IOException {
    writable.close();
  }
}
