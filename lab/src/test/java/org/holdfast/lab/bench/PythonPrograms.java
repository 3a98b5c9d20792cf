package org.holdfast.lab.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.lab.Resources;

/** The benchmarks' programs, run on this machine. */
final class PythonPrograms implements AutoCloseable {
  private final Path folder;
  private final List<Process> processes = new ArrayList<>();

  /**
   * @param folder the programs are written there
   * @param files of the programs, which lie beside the benchmarks
   */
  PythonPrograms(Path folder, String... files) throws IOException {
    this.folder = folder;
    for (String file : files) {
      Files.writeString(folder.resolve(file), Resources.text(BenchResult.class, file));
    }
  }

  /**
   * Starts one of them.
   *
   * @return what it says
   */
  BufferedReader start(String file, Object... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("python3", "-B"));
    command.add(folder.resolve(file).toString());
    for (Object word : words) {
      command.add(word.toString());
    }
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    processes.add(process);
    return process.inputReader();
  }

  /** The one that was started last. */
  Process last() {
    return processes.get(processes.size() - 1);
  }

  static int freePort() throws IOException {
    try (ServerSocket server = new ServerSocket(0)) {
      return server.getLocalPort();
    }
  }

  /** Ends all of them at once. */
  @Override
  public void close() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }
}
