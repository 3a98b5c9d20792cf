package org.holdfast.agent.proc;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Files of /proc and of the cgroup tree. Read while applications stand: without decoding, for what
 * matters in them is ASCII. And in one go: a number under /proc/sys is told to the first read
 * alone, and {@link java.nio.file.Files#readString} begins with one for a single byte.
 */
public final class KernelText {
  private KernelText() {}

  /** The whole file; empty if what it is about is gone. */
  public static Optional<String> read(Path file) {
    try (InputStream input = new FileInputStream(file.toString())) {
      return Optional.of(new String(input.readAllBytes(), StandardCharsets.ISO_8859_1));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }
}
