package org.holdfast.lab;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.ExecCreateCmdResponse;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.testcontainers.DockerClientFactory;

/** A machine of the lab that is a container: a KVM host or the peer. */
public class LabContainer {
  /** How long a command may take unless told otherwise. */
  static final Duration DEFAULT_BOUND = Duration.ofMinutes(2);

  private static final int LAST_WORDS = 500;

  private final String name;
  private final String containerId;

  LabContainer(String name, String containerId) {
    this.name = name;
    this.containerId = containerId;
  }

  /** Its name in the lab and in its own /etc/hosts: kvm1, kvm2 or peer. */
  public String name() {
    return name;
  }

  /** Docker's id of it, for the docker command. */
  public String containerId() {
    return containerId;
  }

  /** Runs a command as root and waits for it, 2 minutes at most. */
  public CommandResult exec(String... command) {
    return exec(DEFAULT_BOUND, List.of(command));
  }

  /** Runs a bash script as root and waits for it, 2 minutes at most. */
  public CommandResult bash(String script) {
    return exec("bash", "-c", script);
  }

  /**
   * Runs a command as root and waits for it. It has no standard input.
   *
   * @param bound how long it may take
   * @param command its words
   * @throws LabException if it takes longer than the bound; it then goes on running
   */
  public CommandResult exec(Duration bound, List<String> command) {
    DockerClient docker = DockerClientFactory.lazyClient();
    ExecCreateCmdResponse created =
        docker
            .execCreateCmd(containerId)
            .withCmd(command.toArray(String[]::new))
            .withAttachStdout(true)
            .withAttachStderr(true)
            .exec();
    Output output = new Output();
    try (Output running = docker.execStartCmd(created.getId()).exec(output)) {
      if (!running.awaitCompletion(bound.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new LabException(
            "on %s: %s still runs after %s%n%s"
                .formatted(name, String.join(" ", command), bound, output.lastWords()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted while a command ran on " + name, e);
    } catch (IOException e) {
      throw new LabException("the output of a command on " + name + " was cut off", e);
    }
    Long exitCode = docker.inspectExecCmd(created.getId()).exec().getExitCodeLong();
    return new CommandResult(
        name,
        command,
        exitCode == null ? -1 : exitCode.intValue(),
        output.stdout.toString(StandardCharsets.UTF_8),
        output.stderr.toString(StandardCharsets.UTF_8));
  }

  /** Starts a command that goes on by itself; its output goes to a file in the container. */
  public BackgroundCommand start(List<String> command) {
    return BackgroundCommand.start(this, command);
  }

  /** Copies a file out of the container. */
  public void copyOut(String containerPath, Path target) {
    try (InputStream archive =
            DockerClientFactory.lazyClient()
                .copyArchiveFromContainerCmd(containerId, containerPath)
                .exec();
        TarArchiveInputStream tar = new TarArchiveInputStream(archive)) {
      tar.getNextEntry();
      Files.copy(tar, target, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new LabException("could not copy " + containerPath + " out of " + name, e);
    }
  }

  /** Copies a file into the container, readable and executable by everybody. */
  public void copyIn(Path source, String containerPath) {
    Path target = Path.of(containerPath);
    try {
      byte[] content = Files.readAllBytes(source);
      ByteArrayOutputStream archive = new ByteArrayOutputStream();
      try (TarArchiveOutputStream tar = new TarArchiveOutputStream(archive)) {
        TarArchiveEntry entry = new TarArchiveEntry(String.valueOf(target.getFileName()));
        entry.setSize(content.length);
        entry.setMode(0755);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
      DockerClientFactory.lazyClient()
          .copyArchiveToContainerCmd(containerId)
          .withTarInputStream(new ByteArrayInputStream(archive.toByteArray()))
          .withRemotePath(String.valueOf(target.getParent()))
          .exec();
    } catch (IOException e) {
      throw new LabException("could not copy " + source + " to " + name, e);
    }
  }

  /** Writes a small text file in the container, readable by its owner alone. */
  public void writeFile(String containerPath, String content) {
    exec("bash", "-c", "umask 077; printf %s \"$2\" > \"$1\"", "bash", containerPath, content)
        .orThrow();
  }

  private static final class Output extends ResultCallback.Adapter<Frame> {
    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();

    @Override
    public void onNext(Frame frame) {
      ByteArrayOutputStream to = frame.getStreamType() == StreamType.STDERR ? stderr : stdout;
      to.writeBytes(frame.getPayload());
    }

    /** What a command that was not waited for had to say at last. */
    private String lastWords() {
      String said = stderr.toString(StandardCharsets.UTF_8).strip();
      return said.substring(Math.max(0, said.length() - LAST_WORDS));
    }
  }
}
