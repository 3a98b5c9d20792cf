package org.holdfast.lab.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.holdfast.lab.Lab;

/**
 * Which transitions of the state machine the daemons of a lab have taken: {@code ./test} fails if
 * one of the table was taken in no test.
 */
final class TakenTransitions {
  private static final Path FILE = Path.of("target", "transitions.txt");

  private static final String IN_LOG =
      "grep -hoE '[A-Z_]+ --[A-Z_]+--> [A-Z_]+$' /var/log/holdfastd.log | sort -u";

  private TakenTransitions() {}

  /** Adds those of both hosts to what other tests have noted. */
  static void note(Lab lab) {
    lab.hosts().forEach(host -> append(host.bash(IN_LOG).stdout()));
  }

  private static void append(String lines) {
    try {
      Files.createDirectories(FILE.getParent());
      Files.writeString(FILE, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
