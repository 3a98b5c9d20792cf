package org.holdfast.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs the machine's own tools; what they refuse fails the test. */
final class Commands {
  private Commands() {}

  /** Runs a command with {@code input} on its standard input, and returns its output. */
  static String run(String input, String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      try (var out = process.outputWriter(StandardCharsets.UTF_8)) {
        out.write(input);
      }
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      if (status != 0) {
        throw new IllegalStateException(
            List.of(command) + " ended with " + status + ": " + output + " given: " + input);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(List.of(command).toString(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted in " + List.of(command), e);
    }
  }
}
