package org.holdfast.agent.rehearsal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Connections of the agent with itself, and bytes on their way through them. */
final class Stage implements AutoCloseable {
  private static final int BLOCK_BYTES = 3000;

  private final ServerSocketChannel listener;
  private final List<SocketChannel> servers = new ArrayList<>();
  private final List<SocketChannel> clients = new ArrayList<>();
  private final ByteBuffer scratch = ByteBuffer.allocateDirect(BLOCK_BYTES);
  private int act;

  private Stage(ServerSocketChannel listener) {
    this.listener = listener;
  }

  /** Connects {@code count} pairs over the loopback of this thread's network namespace. */
  static Stage of(int count) throws IOException {
    Stage stage = new Stage(ServerSocketChannel.open());
    boolean done = false;
    try {
      stage.listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      for (int i = 0; i < count; i++) {
        stage.clients.add(SocketChannel.open(stage.listener.getLocalAddress()));
        stage.servers.add(stage.listener.accept());
      }
      done = true;
      return stage;
    } finally {
      if (!done) {
        stage.close();
      }
    }
  }

  /** The port of the ends that are taken over. */
  int port() throws IOException {
    return ((InetSocketAddress) listener.getLocalAddress()).getPort();
  }

  /** Sends a block each way on every connection; nobody reads yet. */
  void send() throws IOException {
    act++;
    for (int i = 0; i < clients.size(); i++) {
      write(clients.get(i), act + i);
      write(servers.get(i), act + i + 1);
    }
  }

  /** Reads the blocks of the last {@link #send}. */
  void verify() throws IOException {
    for (int i = 0; i < clients.size(); i++) {
      read(servers.get(i), act + i);
      read(clients.get(i), act + i + 1);
    }
  }

  private void write(SocketChannel channel, int seed) throws IOException {
    scratch.clear();
    for (int i = 0; i < BLOCK_BYTES; i++) {
      scratch.put(i, (byte) (seed * 31 + i));
    }
    while (scratch.hasRemaining()) {
      channel.write(scratch);
    }
  }

  private void read(SocketChannel channel, int seed) throws IOException {
    scratch.clear();
    while (scratch.hasRemaining()) {
      if (channel.read(scratch) < 0) {
        throw new IOException("a connection ended in the middle of its data");
      }
    }
    for (int i = 0; i < BLOCK_BYTES; i++) {
      if (scratch.get(i) != (byte) (seed * 31 + i)) {
        throw new IOException("byte " + i + " of a block came back wrong");
      }
    }
  }

  @Override
  public void close() {
    close(listener);
    clients.forEach(Stage::close);
    servers.forEach(Stage::close);
  }

  private static void close(Channel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("a socket of the rehearsal cannot be closed", e);
    }
  }
}
