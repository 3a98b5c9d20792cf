package org.holdfast.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Runs a program on this machine. */
final class LocalCommand {
  private LocalCommand() {}

  /**
   * Runs a program to its end.
   *
   * @param directory where it runs
   * @param environment added to this process's
   * @param command its words
   * @param errorLines receives each line of its standard error, as it comes
   * @return what it wrote to standard output
   * @throws LabException if it does not end with 0
   */
  static String run(
      Path directory,
      Map<String, String> environment,
      List<String> command,
      Consumer<String> errorLines) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      StringBuffer said = new StringBuffer();
      Consumer<String> both = errorLines.andThen(line -> said.append(line).append('\n'));
      Thread errors = new Thread(() -> forward(process, both), "stderr of " + command.get(0));
      errors.setDaemon(true);
      errors.start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int exitCode = process.waitFor();
      errors.join();
      if (exitCode != 0) {
        throw new LabException(
            String.join(" ", command) + " ended with " + exitCode + "\n" + output + said);
      }
      return output;
    } catch (IOException e) {
      throw new LabException("could not run " + command.get(0), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted while running " + command.get(0), e);
    }
  }

  private static void forward(Process process, Consumer<String> lines) {
    try (BufferedReader reader = process.errorReader()) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.accept(line);
      }
    } catch (IOException e) {
      lines.accept("(its standard error was cut off: " + e.getMessage() + ")");
    }
  }
}
