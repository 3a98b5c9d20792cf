package org.holdfast.lab;

import java.util.List;

/**
 * What a command in a container or a VM left behind.
 *
 * @param where the machine it ran on
 * @param command its words
 * @param exitCode its exit status
 * @param stdout what it wrote to standard output
 * @param stderr what it wrote to standard error
 */
public record CommandResult(
    String where, List<String> command, int exitCode, String stdout, String stderr) {

  /** Keeps the command's words. */
  public CommandResult {
    command = List.copyOf(command);
  }

  /** Whether it ended with 0. */
  public boolean succeeded() {
    return exitCode == 0;
  }

  /** Standard output without the white space around it. */
  public String text() {
    return stdout.strip();
  }

  /**
   * This result, if the command succeeded.
   *
   * @throws LabException with all the command said, if it did not
   */
  public CommandResult orThrow() {
    if (!succeeded()) {
      throw new LabException(describe());
    }
    return this;
  }

  /** Everything about it, for a message. */
  public String describe() {
    return "on "
        + where
        + ": "
        + String.join(" ", command)
        + " ended with "
        + exitCode
        + "\n"
        + stdout
        + stderr;
  }
}
