package org.holdfast.takeover.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.linux.NamespaceThread;
import org.holdfast.linux.NetworkNamespace;

/**
 * Programs that run in the calling thread's network namespace, but are started by a thread of the
 * process's own: the thread that awaits a program's end is born where the program was started, and
 * Java keeps it for the next one. In a takeover namespace it would keep the namespace, minutes
 * after its removal.
 */
final class NamespaceProgram {
  private static final Path PROCESSES = Path.of("/proc");
  private static final Path OWN = PROCESSES.resolve(Long.toString(ProcessHandle.current().pid()));
  private static final NamespaceThread STARTER =
      NetworkNamespace.ofProcess(ProcessHandle.current().pid()).startThread("holdfast-programs");

  private NamespaceProgram() {}

  /**
   * Starts it; its complaints come with its output.
   *
   * @throws IOException if it cannot be started; if there is no such program, that may also be seen
   *     from its exit status 127
   */
  static Process start(List<String> program) throws IOException {
    Path here = PROCESSES.resolve(Files.readSymbolicLink(PROCESSES.resolve("thread-self")));
    List<String> words = new ArrayList<>();
    if (!network(here).equals(network(OWN))) {
      words.add("nsenter");
      words.add("--net=" + here.resolve("ns/net"));
    }
    words.addAll(program);
    return STARTER.call(() -> new ProcessBuilder(words).redirectErrorStream(true).start());
  }

  private static Path network(Path task) throws IOException {
    return Files.readSymbolicLink(task.resolve("ns/net"));
  }
}
