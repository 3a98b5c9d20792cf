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

/** A Python program of the test's resources, in a network namespace. */
final class PythonProgram implements AutoCloseable {
  private final Process process;
  private final Queue<String> said = new ConcurrentLinkedQueue<>();

  private PythonProgram(Process process) {
    this.process = process;
  }

  /**
   * Starts it and waits until it says "ready".
   *
   * @param script a resource beside this class
   * @param namespace name under /run/netns
   */
  static PythonProgram start(
      String script, String namespace, Path directory, List<String> arguments) throws IOException {
    Path file = directory.resolve(script);
    try (InputStream source = PythonProgram.class.getResourceAsStream(script)) {
      if (source == null) {
        throw new IOException(script + " is not on the class path");
      }
      Files.write(file, source.readAllBytes());
    }
    List<String> command = new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + namespace));
    command.addAll(List.of("--", "python3", file.toString()));
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    PythonProgram program = new PythonProgram(process);
    BufferedReader output = process.inputReader();
    String first = output.readLine();
    if (!"ready".equals(first)) {
      program.close();
      throw new IOException(script + " says " + first);
    }
    Thread reader = new Thread(() -> output.lines().forEach(program.said::add));
    reader.setDaemon(true);
    reader.start();
    return program;
  }

  long pid() {
    return process.pid();
  }

  /** Its output since it was ready. */
  List<String> said() {
    return List.copyOf(said);
  }

  /** With all that it has forked. */
  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
