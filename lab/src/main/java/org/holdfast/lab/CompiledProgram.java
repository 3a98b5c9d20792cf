package org.holdfast.lab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A small C program of the lab's own, compiled on this machine. Closed, it is removed again. */
public final class CompiledProgram implements AutoCloseable {
  private final Path directory;
  private final Path source;
  private final Path file;

  /**
   * Compiles it.
   *
   * @param owner has the source among its resources
   * @param name of the source
   * @param options of the compiler, such as -shared
   * @throws LabException with what the compiler says, if it refuses or is not there
   */
  public CompiledProgram(Class<?> owner, String name, String... options) {
    try (InputStream in = Objects.requireNonNull(owner.getResourceAsStream(name), name)) {
      directory = Files.createTempDirectory("holdfast-compiled");
      source = directory.resolve(name);
      file = directory.resolve("program");
      Files.copy(in, source);
    } catch (IOException e) {
      throw new LabException("could not write " + name, e);
    }
    List<String> command = new ArrayList<>(List.of("gcc", "-O2"));
    command.addAll(List.of(options));
    command.addAll(List.of("-o", file.toString(), source.toString()));
    LocalCommand.run(directory, Map.of(), command, line -> {});
  }

  /** The executable, or library. */
  public Path file() {
    return file;
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(file);
      Files.deleteIfExists(source);
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      throw new LabException("could not remove " + directory, e);
    }
  }
}
