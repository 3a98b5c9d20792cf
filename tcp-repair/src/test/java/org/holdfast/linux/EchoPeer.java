package org.holdfast.linux;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * A process of its own that holds the far ends of many connections: connects them, tells each its
 * number, says one more word on each whenever a line comes in, and echoes everything.
 */
public final class EchoPeer {
  /** Length of a word: the connection's number and the word's. */
  static final int WORD_BYTES = 8;

  private final Selector selector = Selector.open();
  private final List<SocketChannel> channels = new ArrayList<>();

  private EchoPeer() throws IOException {}

  /**
   * @param arguments address, port, number of connections
   */
  public static void main(String[] arguments) throws IOException {
    EchoPeer peer = new EchoPeer();
    peer.connect(
        new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1])),
        Integer.parseInt(arguments[2]));
    Thread echoing = new Thread(peer::echo, "echo");
    echoing.setDaemon(true);
    echoing.start();
    for (int word = 1; System.in.read() == '\n'; word++) {
      peer.say(word);
    }
  }

  private void connect(InetSocketAddress server, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      SocketChannel channel = SocketChannel.open(server);
      channel.write(word(i, 0));
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ);
      channels.add(channel);
    }
  }

  private void say(int word) throws IOException {
    for (int i = 0; i < channels.size(); i++) {
      channels.get(i).write(word(i, word));
    }
  }

  private static ByteBuffer word(int connection, int word) {
    return ByteBuffer.allocate(WORD_BYTES).putInt(connection).putInt(word).flip();
  }

  private void echo() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
    try {
      while (true) {
        selector.select();
        for (SelectionKey key : selector.selectedKeys()) {
          SocketChannel channel = (SocketChannel) key.channel();
          if (channel.read(buffer.clear()) < 0) {
            channel.close();
          } else {
            channel.write(buffer.flip());
          }
        }
        selector.selectedKeys().clear();
      }
    } catch (IOException e) {
      System.err.println("echo: " + e);
      Runtime.getRuntime().halt(1);
    }
  }
}
