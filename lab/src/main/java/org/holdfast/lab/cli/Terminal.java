package org.holdfast.lab.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.lab.LabContainer;
import org.holdfast.lab.LabException;

/** Runs a command in a container with this process's own terminal or pipes. */
final class Terminal {
  /** Set by lab.sh, which can tell: whether standard input and output are a terminal. */
  private static final String PROPERTY = "holdfast.lab.terminal";

  private Terminal() {}

  static boolean isThere() {
    return Boolean.getBoolean(PROPERTY);
  }

  /**
   * Runs it to its end.
   *
   * @return its exit status
   */
  static int run(LabContainer container, List<String> words) {
    List<String> command = new ArrayList<>(List.of("docker", "exec", "--interactive"));
    if (isThere()) {
      command.add("--tty");
    }
    command.add(container.containerId());
    command.addAll(words);
    try {
      return new ProcessBuilder(command).inheritIO().start().waitFor();
    } catch (IOException e) {
      throw new LabException("could not run the docker command; is docker.io installed?", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }
}
