package org.holdfast.takeover.host;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.linux.EventPoll;
import org.holdfast.linux.KernelException;
import org.holdfast.tcp.TcpRepairException;
import org.holdfast.tcp.TcpState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves what copies receive out of the kernel into their spools, on a thread of its own. A little
 * stays in the kernel, so that a quiet connection costs nothing here.
 *
 * <p>While it is paused no copy is touched: its own thread and that of whoever exports the copies
 * never work at once.
 */
final class SpoolReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SpoolReader.class);

  /** From so much on it is worth the way; and so much at a time. */
  private static final int CHUNK_BYTES = 256 * 1024;

  /** After this many chunks the next connection has its turn, or whoever waits for a pause. */
  private static final int CHUNKS_AT_A_TIME = 4;

  /** How often room is looked for again where there was none. */
  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

  private final List<HeldCopy> copies = new ArrayList<>();
  private final List<Integer> withoutRoom = new ArrayList<>();
  private final ByteBuffer scratch = ByteBuffer.allocateDirect(CHUNK_BYTES);
  private final EventPoll poll = new EventPoll();
  private final Thread thread;
  private boolean paused = true;
  private boolean closed;

  /** Begins paused. */
  SpoolReader(String namespace) {
    thread = new Thread(this::run, namespace + "-spool");
    thread.setDaemon(true);
    thread.start();
  }

  /** From now on reads what this copy receives. */
  synchronized void add(HeldCopy copy) {
    copies.add(copy);
    watch(copies.size() - 1);
  }

  /** The copies are out of repair. */
  synchronized void resume() {
    paused = false;
    notifyAll();
  }

  /** Returns when no copy is being read; from then on none is. */
  synchronized void pause() {
    paused = true;
  }

  /** Moves what a copy has received, however little it is; nothing while it must not be touched. */
  synchronized void readNow(HeldCopy copy) {
    if (paused || !isPeerSending(copy.socket().state())) {
      return;
    }
    try {
      moveReceived(copy);
    } catch (TcpRepairException e) {
      LOG.debug("What {} has sent stays with its copy", copy.takenOver().peer(), e);
    }
  }

  private static boolean isPeerSending(TcpState state) {
    return state.isManageable() && !state.finReceived();
  }

  private void watch(int number) {
    HeldCopy copy = copies.get(number);
    try {
      poll.watch(copy.socket().descriptor(), number, CHUNK_BYTES);
    } catch (KernelException e) {
      LOG.warn("What {} sends is not spooled: {}", copy.takenOver().peer(), e.getMessage());
    }
  }

  private void run() {
    while (true) {
      int ready = poll.await(LOOK_AGAIN);
      synchronized (this) {
        awaitTurn();
        if (closed) {
          break;
        }
        for (int i = 0; i < ready; i++) {
          read(poll.number(i), poll.hasEnded(i));
        }
        if (ready == 0) {
          withoutRoom.forEach(this::watch);
          withoutRoom.clear();
        }
      }
    }
    poll.close();
  }

  private synchronized void awaitTurn() {
    while (paused && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        // This thread ends by close() alone.
      }
    }
  }

  /** What a connection that has ended still has in the kernel stays there: its end is behind it. */
  private void read(int number, boolean ended) {
    HeldCopy copy = copies.get(number);
    try {
      if (ended) {
        poll.forget(copy.socket().descriptor());
      } else if (!moveReceived(copy)) {
        poll.forget(copy.socket().descriptor());
        withoutRoom.add(number);
      }
    } catch (TcpRepairException | KernelException e) {
      LOG.warn("What {} sends is no longer spooled", copy.takenOver().peer(), e);
      poll.forget(copy.socket().descriptor());
    }
  }

  /** Returns whether there was room. */
  private boolean moveReceived(HeldCopy copy) {
    int taken = CHUNK_BYTES;
    for (int i = 0; i < CHUNKS_AT_A_TIME && taken == CHUNK_BYTES; i++) {
      taken = copy.spool().fill(copy, scratch);
    }
    return taken >= 0;
  }

  /** The thread ends, and touches no copy any more. */
  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
