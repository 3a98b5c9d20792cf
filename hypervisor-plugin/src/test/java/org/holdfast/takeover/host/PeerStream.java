package org.holdfast.takeover.host;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import org.holdfast.linux.NamespaceThread;
import org.jspecify.annotations.Nullable;

/** A client of {@link GuestApplication} that checks every byte it gets. */
final class PeerStream implements AutoCloseable {
  private static final int PAUSE_MILLIS = 2;

  private final int pauseMillis;
  private final String name;
  private final SocketChannel channel;
  private final boolean echo;
  private final Thread reader;
  private final @Nullable Thread writer;
  private volatile boolean ending;
  private volatile long sent;
  private volatile long verified;
  private volatile long longestSilenceNanos;
  private volatile @Nullable String problem;

  /** Begins at once. */
  PeerStream(NamespaceThread peer, InetAddress server, boolean echo) throws IOException {
    this(peer, server, echo, PAUSE_MILLIS);
  }

  /** One that echoes, and pauses for so long after each block. */
  PeerStream(NamespaceThread peer, InetAddress server, int pauseMillis) throws IOException {
    this(peer, server, true, pauseMillis);
  }

  private PeerStream(NamespaceThread peer, InetAddress server, boolean echo, int pauseMillis)
      throws IOException {
    this.pauseMillis = pauseMillis;
    this.name = (echo ? "echo " : "download ") + server.getHostAddress();
    this.echo = echo;
    this.channel =
        peer.call(() -> SocketChannel.open(new InetSocketAddress(server, GuestApplication.PORT)));
    channel.write(ByteBuffer.wrap(new byte[] {(byte) (echo ? 'E' : 'D')}));
    reader = new Thread(this::read, "reader of " + name);
    reader.start();
    writer = echo ? new Thread(this::write, "writer of " + name) : null;
    if (writer != null) {
      writer.start();
    }
  }

  private void write() {
    try {
      for (int i = 0; !ending; i++) {
        ByteBuffer block = ByteBuffer.wrap(GuestApplication.block(i));
        while (block.hasRemaining()) {
          channel.write(block);
        }
        sent += GuestApplication.BLOCK_BYTES;
        Thread.sleep(pauseMillis);
      }
      channel.shutdownOutput();
    } catch (IOException | InterruptedException e) {
      problem = "writing: " + e;
    }
  }

  private void read() {
    ByteBuffer block = ByteBuffer.allocate(GuestApplication.BLOCK_BYTES);
    long last = System.nanoTime();
    try {
      int i = 0;
      while (channel.read(block) >= 0) {
        long now = System.nanoTime();
        longestSilenceNanos = Math.max(longestSilenceNanos, now - last);
        last = now;
        if (!block.hasRemaining()) {
          if (!Arrays.equals(block.array(), GuestApplication.block(i))) {
            problem = "block " + i + " is corrupt";
            return;
          }
          i++;
          verified += block.capacity();
          block.clear();
          if (!echo) {
            if (ending) {
              return;
            }
            Thread.sleep(1);
          }
        }
      }
      if (!echo) {
        problem = "the download ended";
      } else if (block.position() > 0) {
        problem = "the stream ended inside a block";
      }
    } catch (IOException | InterruptedException e) {
      problem = "reading: " + e;
    }
  }

  long verifiedBytes() {
    return verified;
  }

  /** Longest time in which nothing came. */
  long longestSilenceMillis() {
    return longestSilenceNanos / 1_000_000;
  }

  void forgetSilence() {
    longestSilenceNanos = 0;
  }

  /**
   * Says that no more is sent, and reads what is still to come.
   *
   * @return what went wrong; empty if every byte is right
   */
  String finish() throws InterruptedException {
    ending = true;
    if (writer != null) {
      writer.join(10_000);
    }
    reader.join(10_000);
    if (problem != null) {
      return name + ": " + problem;
    }
    if (reader.isAlive()) {
      return name + ": still waiting for its end after " + verified + " bytes";
    }
    if (echo && sent != verified) {
      return name + ": sent " + sent + " bytes, got " + verified;
    }
    return "";
  }

  @Override
  public String toString() {
    return "%s: %d kB verified, longest silence %d ms"
        .formatted(name, verified / 1000, longestSilenceMillis());
  }

  @Override
  public void close() throws IOException {
    ending = true;
    channel.close();
  }
}
