package org.holdfast.agent;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.holdfast.linux.NetworkNamespaces;
import org.holdfast.linux.NetworkNamespaces.Place;
import org.jspecify.annotations.Nullable;

/** A peer of the guest: sends blocks all the time, and verifies every byte that comes back. */
final class EchoPeer implements AutoCloseable {
  private static final int BLOCK_BYTES = 4096;
  private static final long PAUSE_MILLIS = 2;

  private final Socket socket;
  private final long seed;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong verified = new AtomicLong();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final Thread sender;
  private final Thread receiver;
  private volatile boolean stopping;

  private EchoPeer(Socket socket, long seed) {
    this.socket = socket;
    this.seed = seed;
    this.sender = new Thread(() -> guard(this::send), "peer-sender-" + seed);
    this.receiver = new Thread(() -> guard(this::receive), "peer-receiver-" + seed);
  }

  static EchoPeer connect(NetworkNamespaces network, InetSocketAddress server, long seed)
      throws IOException {
    Socket socket =
        network
            .in(Place.PEER)
            .call(
                () -> {
                  Socket fresh = new Socket();
                  fresh.connect(server);
                  return fresh;
                });
    EchoPeer peer = new EchoPeer(socket, seed);
    peer.sender.start();
    peer.receiver.start();
    return peer;
  }

  /** Bytes that came back right so far. */
  long verified() {
    return verified.get();
  }

  long sent() {
    return sent.get();
  }

  /** Its own port. */
  int port() {
    return socket.getLocalPort();
  }

  /** Stops sending, and waits until all that was sent has come back. */
  void finish() throws Exception {
    stopping = true;
    sender.join();
    receiver.join();
    Throwable problem = failure.get();
    if (problem != null) {
      throw new AssertionError("peer " + seed + " after " + verified + " bytes", problem);
    }
    if (sent.get() != verified.get()) {
      throw new AssertionError("peer " + seed + ": " + sent + " sent, " + verified + " came back");
    }
  }

  private interface Work {
    void run() throws Exception;
  }

  private void guard(Work work) {
    try {
      work.run();
    } catch (Exception e) {
      failure.compareAndSet(null, e);
    }
  }

  private void send() throws IOException, InterruptedException {
    Random random = new Random(seed);
    byte[] block = new byte[BLOCK_BYTES];
    OutputStream output = socket.getOutputStream();
    while (!stopping) {
      random.nextBytes(block);
      output.write(block);
      sent.addAndGet(BLOCK_BYTES);
      Thread.sleep(PAUSE_MILLIS);
    }
    socket.shutdownOutput();
  }

  private void receive() throws IOException {
    Random random = new Random(seed);
    byte[] expected = new byte[BLOCK_BYTES];
    InputStream input = socket.getInputStream();
    while (true) {
      byte[] block = input.readNBytes(BLOCK_BYTES);
      if (block.length == 0) {
        return;
      }
      if (block.length < BLOCK_BYTES) {
        throw new EOFException("ends inside a block");
      }
      random.nextBytes(expected);
      if (!Arrays.equals(block, expected)) {
        throw new IOException("a wrong byte after " + verified);
      }
      verified.addAndGet(BLOCK_BYTES);
    }
  }

  @Override
  public void close() throws IOException {
    stopping = true;
    socket.close();
  }
}
