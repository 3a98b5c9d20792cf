package org.holdfast.agent;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The agent as a process of its own, in a network namespace, with its channel to this test. */
final class AgentProcess implements AutoCloseable {
  private final Process process;
  private final HostSide host;
  private final Path record;

  private AgentProcess(Process process, HostSide host, Path record) {
    this.process = process;
    this.host = host;
    this.record = record;
  }

  /**
   * @param namespace name under /run/netns
   */
  static AgentProcess start(String namespace, Path directory, String... options)
      throws IOException {
    Path socket = directory.resolve("port");
    Path record = directory.resolve("frozen");
    ServerSocketChannel server = HostSide.listen(socket);
    // Not "ip netns exec": that mounts a new /sys, and the cgroup tree would be gone.
    List<String> command =
        new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + namespace, "--"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmx64m", "-XX:TieredStopAtLevel=1"));
    command.add("-XX:MaxDirectMemorySize=400m");
    command.addAll(List.of("-cp", System.getProperty("java.class.path", "")));
    command.addAll(List.of("org.holdfast.agent.AgentMain", "--port", socket.toString()));
    command.addAll(List.of("--record", record.toString()));
    command.addAll(List.of(options));
    Process process = new ProcessBuilder(command).inheritIO().start();
    HostSide host = HostSide.accept(server);
    host.hello(Duration.ofSeconds(30));
    return new AgentProcess(process, host, record);
  }

  HostSide host() {
    return host;
  }

  long pid() {
    return process.pid();
  }

  /** Whether the agent has noted that something stands. */
  boolean notesSomethingFrozen() {
    return Files.exists(record);
  }

  Path record() {
    return record;
  }

  /** Kills it without a chance to tidy up. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    host.close();
    process.destroy();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      throw new IllegalStateException("the agent did not end on SIGTERM");
    }
  }
}
