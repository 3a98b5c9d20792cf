package org.holdfast.takeover.host;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.linux.AppSocket;
import org.holdfast.linux.Errno;
import org.holdfast.linux.KernelException;
import org.holdfast.takeover.matrix.MatrixScript;

/** One end of a connection as its application has it, with a memory of all that it saw. */
final class MatrixEnd {
  private final AppSocket socket;
  private final DyingOwners owners;
  private final ByteBuffer scratch = ByteBuffer.allocate(1 << 16);
  private final List<String> written = new ArrayList<>();
  private final MatrixStream stream;
  private MatrixStream streamOfPeer;
  private long bytesRead;
  private String end = "open";
  private boolean closed;
  private boolean shutDown;

  MatrixEnd(AppSocket socket, DyingOwners owners, long seed) {
    this.socket = socket;
    this.owners = owners;
    this.stream = new MatrixStream(seed);
    this.streamOfPeer = stream;
  }

  /** Whom it is connected with. */
  void meets(MatrixEnd peer) {
    streamOfPeer = peer.stream;
  }

  AppSocket socket() {
    return socket;
  }

  boolean isClosed() {
    return closed;
  }

  /** Whether nothing more can be seen: the application has closed it, or knows its end. */
  boolean isOver() {
    return closed || !end.equals("open");
  }

  /** Whether more is to come from the peer, given how it left: bytes that it wrote, or its end. */
  boolean awaits(MatrixEnd peer) {
    boolean endWritten = peer.closed || peer.shutDown;
    return !isOver() && (endWritten || bytesRead < peer.stream.bytes());
  }

  void perform(MatrixScript.Action action, int bytes) {
    switch (action) {
      case READ -> read();
      case WRITE -> write(bytes);
      case WRITE_AND_CLOSE -> {
        write(bytes);
        close();
      }
      case HALF_CLOSE -> shutDown();
      case CLOSE -> close();
      case SEND_URGENT -> sendUrgent();
      case KILL -> {
        closed = true;
        owners.killOwnerOf(socket);
      }
      case RESET -> {
        closed = true;
        socket.closeAbruptly();
      }
    }
  }

  /** Reads what is there; returns whether that was anything, the end included. */
  boolean read() {
    boolean any = false;
    try {
      while (!isOver()) {
        int count = socket.receiveWhatIsThere(scratch.clear());
        if (count < 0) {
          return any;
        }
        any = true;
        if (!streamOfPeer.has(bytesRead, scratch.flip())) {
          end = "wrong bytes from " + bytesRead + " on";
        }
        bytesRead += count;
        if (count == 0) {
          end = "EOF";
        }
      }
    } catch (KernelException e) {
      end = Errno.text(e.errno());
      any = true;
    }
    return any;
  }

  /** Writes without waiting. */
  void write(int bytes) {
    if (closed || shutDown) {
      return;
    }
    try {
      int taken = socket.sendWhatFits(stream.next(bytes));
      stream.written(taken, bytes);
      written.add(Integer.toString(taken));
    } catch (KernelException e) {
      written.add(Errno.text(e.errno()));
    }
  }

  private void sendUrgent() {
    try {
      socket.sendUrgent((byte) '!');
    } catch (KernelException e) {
      written.add(Errno.text(e.errno()));
    }
  }

  void shutDown() {
    if (closed || shutDown) {
      return;
    }
    shutDown = true;
    try {
      socket.shutdownSending();
    } catch (RuntimeException e) {
      written.add("not shut down");
    }
  }

  void close() {
    if (!closed) {
      closed = true;
      socket.close();
    }
  }

  /** All that the application has seen. How much comes before a reset, TCP does not promise. */
  String seen() {
    boolean counts = closed || end.equals("EOF") || end.equals("open");
    return "wrote %s, read %s%s"
        .formatted(written, counts ? bytesRead + " bytes, " : "", closed ? "closed" : end);
  }
}
