package org.holdfast.takeover.host;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.takeover.TakeoverException.Code;
import org.jspecify.annotations.Nullable;

/**
 * Commands for {@code ip -batch}: many changes, one process. For preparing and clearing away only,
 * never between fence and open. The process lives in the network namespace of the calling thread.
 */
final class IpBatch {
  private final List<String> commands = new ArrayList<>();

  /** Adds a command, without the word "ip". */
  IpBatch add(String format, Object... arguments) {
    commands.add(String.format(format, arguments));
    return this;
  }

  List<String> commands() {
    return List.copyOf(commands);
  }

  boolean isEmpty() {
    return commands.isEmpty();
  }

  /**
   * Runs the commands up to the first that fails.
   *
   * @throws TakeoverException if one failed, with its words
   */
  void run() {
    String complaint = execute("ip", "-batch", "-");
    if (complaint != null) {
      throw new TakeoverException(Code.NAMESPACE_FAILED, "ip refused: " + complaint);
    }
  }

  /**
   * Runs all commands, whatever becomes of each.
   *
   * @return what ip said about those that failed, empty if none did
   */
  String runAll() {
    String complaint = execute("ip", "-force", "-batch", "-");
    return complaint == null ? "" : complaint;
  }

  /** Returns null if all went well. */
  private @Nullable String execute(String... program) {
    try {
      Process process = NamespaceProgram.start(List.of(program));
      try (OutputStream input = process.getOutputStream()) {
        input.write((String.join("\n", commands) + "\n").getBytes(StandardCharsets.UTF_8));
      }
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor() == 0 ? null : output.replace('\n', ' ');
    } catch (IOException e) {
      throw new TakeoverException(
          Code.UNSUPPORTED_HOST,
          "the program 'ip' does not work on this host; install the package iproute2: "
              + e.getMessage(),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TakeoverException(Code.NAMESPACE_FAILED, "interrupted while ip ran", e);
    }
  }
}
