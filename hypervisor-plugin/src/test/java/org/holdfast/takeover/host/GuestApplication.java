package org.holdfast.takeover.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;

/**
 * A server as it might run in a guest, in a process of its own. The first byte of a connection says
 * what it wants: 'E' everything back that it sends, 'D' blocks as fast as it reads them.
 */
public final class GuestApplication {
  static final int PORT = 7000;
  static final int BLOCK_BYTES = 4096;
  private static final int BLOCKS = 64;

  private GuestApplication() {}

  /** Serves until its standard input ends. */
  public static void main(String[] arguments) throws IOException {
    try (ServerSocket server = new ServerSocket(PORT)) {
      Thread accepting = new Thread(() -> accept(server), "accept");
      accepting.setDaemon(true);
      accepting.start();
      System.out.println("ready");
      while (System.in.read() >= 0) {
        // the test holds the other end
      }
    }
  }

  private static void accept(ServerSocket server) {
    while (true) {
      try {
        Socket connection = server.accept();
        Thread serving = new Thread(() -> serve(connection), "serve");
        serving.setDaemon(true);
        serving.start();
      } catch (IOException e) {
        System.out.println("application: " + e);
        return;
      }
    }
  }

  private static void serve(Socket connection) {
    try (connection) {
      InputStream in = connection.getInputStream();
      OutputStream out = connection.getOutputStream();
      if (in.read() == 'E') {
        in.transferTo(out);
      } else {
        for (int i = 0; ; i++) {
          out.write(block(i));
        }
      }
    } catch (IOException e) {
      System.out.println("application: " + e);
    }
  }

  /** The block number {@code i} of every stream. */
  static byte[] block(int i) {
    byte[] block = new byte[BLOCK_BYTES];
    new Random(i % BLOCKS).nextBytes(block);
    return block;
  }
}
