package org.holdfast.agent;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A real application in the guest: a Python process that echoes on its connections. */
final class EchoServer implements AutoCloseable {
  /** IPv4. */
  static final int PORT_IPV4 = 7001;

  /** IPv6, and IPv4 on an IPv6 socket. */
  static final int PORT_IPV6 = 7000;

  private final Process process;
  private final Queue<String> complaints = new ConcurrentLinkedQueue<>();

  private EchoServer(Process process) {
    this.process = process;
  }

  /**
   * @param namespace name under /run/netns
   * @param prefix what the process is started through, e.g. a cgroup
   */
  static EchoServer start(String namespace, Path directory, List<String> prefix)
      throws IOException {
    Path script = directory.resolve("echo_server.py");
    try (InputStream source = EchoServer.class.getResourceAsStream("echo_server.py")) {
      if (source == null) {
        throw new IOException("echo_server.py is not on the class path");
      }
      Files.write(script, source.readAllBytes());
    }
    List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of("nsenter", "--net=/run/netns/" + namespace, "--"));
    command.addAll(List.of("python3", script.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    EchoServer server = new EchoServer(process);
    BufferedReader output = process.inputReader();
    String first = output.readLine();
    if (!"ready".equals(first)) {
      throw new IOException("the echo server says " + first);
    }
    Thread reader = new Thread(() -> output.lines().forEach(server.complaints::add));
    reader.setDaemon(true);
    reader.start();
    return server;
  }

  long pid() {
    return process.pid();
  }

  /** What went wrong, as the application saw it. */
  List<String> complaints() {
    return List.copyOf(complaints);
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }
}
