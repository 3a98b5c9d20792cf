package org.holdfast.agent.freeze;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Files of /proc and of the cgroup tree. Read while applications stand: in one go, and without
 * decoding, for what matters in them is ASCII.
 */
final class KernelText {
  private KernelText() {}

  /** The whole file; empty if what it is about is gone. */
  static Optional<String> read(Path file) {
    try (InputStream input = new FileInputStream(file.toString())) {
      return Optional.of(new String(input.readAllBytes(), StandardCharsets.ISO_8859_1));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }
}
