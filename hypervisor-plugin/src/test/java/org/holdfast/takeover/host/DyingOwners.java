package org.holdfast.takeover.host;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.holdfast.linux.AppSocket;

/** Gives sockets of this process to processes that are killed: nobody closes them then. */
final class DyingOwners implements AutoCloseable {
  private final Process program;
  private final BufferedWriter questions;
  private final BufferedReader answers;

  DyingOwners() {
    try (InputStream script =
        Objects.requireNonNull(DyingOwners.class.getResourceAsStream("dying_owners.py"))) {
      String text = new String(script.readAllBytes(), StandardCharsets.UTF_8);
      program =
          new ProcessBuilder("python3", "-c", text)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    questions = program.outputWriter();
    answers = program.inputReader();
  }

  /** The socket's only owner is killed: when this returns it has none. */
  void killOwnerOf(AppSocket socket) {
    ask(ProcessHandle.current().pid() + " " + socket.descriptor(), "owned");
    socket.close();
    ask("kill", "gone");
  }

  private void ask(String question, String expected) {
    try {
      questions.write(question + "\n");
      questions.flush();
      String answer = answers.readLine();
      if (!expected.equals(answer)) {
        throw new IllegalStateException(question + " was answered by " + answer);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    program.descendants().forEach(ProcessHandle::destroyForcibly);
    program.destroyForcibly();
  }
}
