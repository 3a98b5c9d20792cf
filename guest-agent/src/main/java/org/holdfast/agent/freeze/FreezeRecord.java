package org.holdfast.agent.freeze;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * What stands because of this agent, kept in a file so that the next agent can thaw it if this one
 * dies. Lines are "cgroup PATH" or "process PID START-TIME"; a line is written before the freeze it
 * is about.
 */
final class FreezeRecord {
  private static final Logger LOGGER = System.getLogger(FreezeRecord.class.getName());

  private final Path file;

  /**
   * @param file on a file system that a reboot empties
   */
  FreezeRecord(Path file) {
    this.file = file;
  }

  /**
   * Adds lines. A failure is logged: without the record a freeze is still bounded by the watchdog.
   */
  void add(List<String> lines) {
    if (lines.isEmpty()) {
      return;
    }
    try {
      Path directory = file.getParent();
      if (directory != null) {
        Files.createDirectories(directory);
      }
      Files.write(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      LOGGER.log(Level.WARNING, "cannot note what is about to be frozen: " + e);
    }
  }

  /** Nothing stands any more. */
  void clear() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOGGER.log(Level.WARNING, "cannot remove the note of what was frozen: " + e);
    }
  }

  /** What an earlier agent noted and did not thaw. */
  List<String> leftOver() {
    try {
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      LOGGER.log(Level.WARNING, "cannot read what an earlier agent had frozen: " + e);
      return List.of();
    }
  }
}
