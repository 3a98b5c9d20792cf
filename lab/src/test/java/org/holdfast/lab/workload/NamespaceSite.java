package org.holdfast.lab.workload;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.holdfast.lab.CommandResult;

/** Two network namespaces with a cable between them: a guest and a peer without a VM. */
final class NamespaceSite implements LoadSite, AutoCloseable {
  private final String guest = "hfg" + ProcessHandle.current().pid();
  private final String peer = "hfp" + ProcessHandle.current().pid();
  private final Path scratch;

  NamespaceSite() throws IOException {
    scratch = Files.createTempDirectory("holdfast-load");
    local(
            """
        set -e
        ip netns add %1$s
        ip netns add %2$s
        ip link add name cable netns %1$s type veth peer name cable netns %2$s
        for namespace in %1$s %2$s; do
          ip netns exec $namespace sysctl -qw net.ipv6.conf.cable.keep_addr_on_down=1
          ip -n $namespace link set lo up
          ip -n $namespace link set cable up
        done
        ip -n %1$s address add 192.0.2.10/24 dev cable
        ip -n %2$s address add 192.0.2.20/24 dev cable
        ip -n %1$s address add 2001:db8::10/64 dev cable nodad
        ip -n %2$s address add 2001:db8::20/64 dev cable nodad
        """
                .formatted(guest, peer))
        .orThrow();
  }

  /** Cuts the cable for so long: nothing passes, nothing is told to anybody. */
  void cut(Duration time) throws InterruptedException {
    String rule = "nft -f - <<< 'table netdev cut { chain in { type filter hook ingress";
    inNamespace(
            guest,
            "bash",
            rule
                + " device cable priority 0; drop; }; chain out { type filter hook egress device"
                + " cable priority 0; drop; }; }'")
        .orThrow();
    Thread.sleep(time.toMillis());
    inNamespace(guest, "sh", "nft delete table netdev cut").orThrow();
  }

  @Override
  public String ipv4() {
    return "192.0.2.10";
  }

  @Override
  public String ipv6() {
    return "2001:db8::10";
  }

  @Override
  public List<String> sshCommand() {
    return List.of("false");
  }

  @Override
  public String directory() {
    return scratch + "/load";
  }

  @Override
  public boolean isGuestOfLab() {
    return false;
  }

  @Override
  public CommandResult peer(Duration bound, String script) {
    // Both halves run on one machine: each gets a directory of its own.
    return inNamespace(peer, "sh", script.replace(directory(), scratch + "/peer"));
  }

  @Override
  public CommandResult guest(Duration bound, String script) {
    return inNamespace(guest, "sh", script);
  }

  private static CommandResult inNamespace(String namespace, String shell, String script) {
    return run(List.of("ip", "netns", "exec", namespace, shell), script);
  }

  private static CommandResult local(String script) {
    return run(List.of("bash"), script);
  }

  private static CommandResult run(List<String> command, String input) {
    try {
      Path output = Files.createTempFile("holdfast-load", ".out");
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      try (OutputStream in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      }
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      String text = Files.readString(output);
      Files.delete(output);
      return new CommandResult("this machine", command, process.waitFor(), text, "");
    } catch (IOException e) {
      throw new IllegalStateException("could not run " + command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while running " + command, e);
    }
  }

  @Override
  public void close() {
    local(
        """
        kill -KILL -- "-$(cat %1$s/load/server.pid)" "-$(cat %1$s/peer/load.pid)"
        ip netns del %2$s
        ip netns del %3$s
        rm -rf %1$s
        """
            .formatted(scratch, guest, peer));
  }
}
