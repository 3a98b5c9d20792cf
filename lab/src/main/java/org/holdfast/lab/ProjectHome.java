package org.holdfast.lab;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Finds the project's own folder, with the image builder and the ansible roles. */
final class ProjectHome {
  /** System property that names it; otherwise it is looked for upward from where we are. */
  static final String PROPERTY = "holdfast.home";

  private ProjectHome() {}

  /**
   * The project's folder.
   *
   * @throws LabException if it is not found
   */
  static Path find() {
    String named = System.getProperty(PROPERTY);
    @Nullable Path candidate = Path.of(named == null ? "" : named).toAbsolutePath();
    while (candidate != null) {
      if (Files.isExecutable(candidate.resolve("qemu-images/build"))) {
        return candidate;
      }
      candidate = candidate.getParent();
    }
    throw new LabException(
        "the project's folder was not found: run inside it, or set -D" + PROPERTY + "=FOLDER");
  }
}
