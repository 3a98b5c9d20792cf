package org.holdfast.daemon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A process of another user that passes calls on: so the daemon sees that user at its socket. */
final class SocketRelay implements AutoCloseable {
  private static final String PROGRAM =
      """
      import socket, sys, threading
      server = socket.socket(socket.AF_UNIX)
      server.bind(sys.argv[1])
      server.listen()
      print('ready', flush=True)
      def pump(source, sink):
          try:
              while data := source.recv(65536):
                  sink.sendall(data)
              sink.shutdown(socket.SHUT_WR)
          except OSError:
              pass
      while True:
          client = server.accept()[0]
          daemon = socket.socket(socket.AF_UNIX)
          try:
              daemon.connect(sys.argv[2])
          except OSError:
              client.close()
              continue
          threading.Thread(target=pump, args=(client, daemon), daemon=True).start()
          threading.Thread(target=pump, args=(daemon, client), daemon=True).start()
      """;

  private final Process process;
  private final Path socket;

  private SocketRelay(Process process, Path socket) {
    this.process = process;
    this.socket = socket;
  }

  /**
   * @param user number of the user, and of his first group
   * @param group supplementary
   * @param directory which the user may write to
   */
  static SocketRelay of(int user, int group, Path directory, Path daemon) throws IOException {
    Path socket = directory.resolve("relay-" + user + "-" + group + ".sock");
    Process process =
        new ProcessBuilder(
                List.of(
                    "setpriv",
                    "--reuid=" + user,
                    "--regid=" + user,
                    "--groups=" + group,
                    // The system's own: another user may not reach one in somebody's home.
                    "/usr/bin/python3",
                    "-c",
                    PROGRAM,
                    socket.toString(),
                    daemon.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    byte[] said = process.getInputStream().readNBytes("ready\n".length());
    if (!new String(said, StandardCharsets.UTF_8).equals("ready\n")) {
      throw new IOException("the relay did not start");
    }
    return new SocketRelay(process, socket);
  }

  Path socket() {
    return socket;
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    Files.deleteIfExists(socket);
  }
}
