package org.holdfast.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.holdfast.api.ScriptedEngine;
import org.holdfast.api.ScriptedExecution;
import org.holdfast.proto.v1.Phase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The two programs as processes: signals, exit codes, systemd, what is left behind. */
@Timeout(120)
class ProgramsTest {
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

  @TempDir private Path directory;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void end() {
    started.forEach(Process::destroyForcibly);
  }

  /** With the class path of the tests: their engine stands where the package has its own. */
  private Process start(String program, Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> line =
        new ArrayList<>(
            List.of(
                // A shell that put the tests into the background has SIGINT ignored in all of them.
                "env",
                "--default-signal=INT",
                JAVA.toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                program));
    line.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .redirectOutput(directory.resolve("out").toFile())
            .redirectError(directory.resolve("err").toFile());
    builder.environment().put("HOLDFAST_LOG_LEVEL", "INFO");
    builder.environment().putAll(environment);
    Process process = builder.start();
    started.add(process);
    return process;
  }

  private Process daemon(String yaml, Map<String, String> environment) throws IOException {
    Path configuration = Files.writeString(directory.resolve("holdfastd.yaml"), yaml);
    return start("org.holdfast.daemon.Main", environment, "--config", configuration.toString());
  }

  private String said(String stream) throws IOException {
    return Files.readString(directory.resolve(stream));
  }

  private static void signal(Process process, String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  private static void await(String what, Condition condition) throws Exception {
    for (int attempt = 0; attempt < 300; attempt++) {
      if (condition.holds()) {
        return;
      }
      Thread.sleep(100);
    }
    throw new AssertionError("not within 30 s: " + what);
  }

  @FunctionalInterface
  private interface Condition {
    boolean holds() throws Exception;
  }

  @Test
  void theDaemonTellsSystemdServesAndLeavesNothingAtSigterm() throws Exception {
    Path socket = directory.resolve("holdfastd.sock");
    Path notify = directory.resolve("notify");
    Path heard = directory.resolve("heard");
    Process systemd =
        new ProcessBuilder(
                "python3",
                "-c",
                "import socket,sys\n"
                    + "s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)\n"
                    + "s.bind(sys.argv[1])\n"
                    + "while True:\n"
                    + "  d=s.recv(4096)\n"
                    + "  open(sys.argv[2],'ab').write(d+b'\\n')\n",
                notify.toString(),
                heard.toString())
            .start();
    started.add(systemd);
    await("the listener", () -> Files.exists(notify));

    Process daemon =
        daemon(
            "listen: {enabled: false}\nsocket: {path: " + socket + "}\n",
            Map.of("NOTIFY_SOCKET", notify.toString()));
    await("READY=1", () -> Files.exists(heard) && Files.readString(heard).contains("READY=1"));

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-------");
    Process second = daemon("listen: {enabled: false}\nsocket: {path: " + socket + "}\n", Map.of());
    assertThat(second.waitFor()).isEqualTo(1);
    assertThat(said("err")).contains("error: Another holdfastd serves " + socket);

    signal(daemon, "TERM");
    assertThat(daemon.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(daemon.exitValue()).isEqualTo(143);
    assertThat(Files.readString(heard)).contains("STOPPING=1");
    assertThat(socket).doesNotExist();
  }

  @Test
  void aSocketLeftByACrashIsNoObstacle() throws Exception {
    Path socket = directory.resolve("holdfastd.sock");
    String yaml = "listen: {enabled: false}\nsocket: {path: " + socket + "}\n";
    Process crashed = daemon(yaml, Map.of());
    await("the socket", () -> said("err").contains("runs on"));
    crashed.destroyForcibly().waitFor();
    assertThat(socket).exists();

    Process next = daemon(yaml, Map.of());

    await("the next daemon", () -> said("err").contains("runs on"));
    assertThat(next.isAlive()).isTrue();
  }

  @Test
  void aStartThatCannotBeIsOneLineAndExit1() throws Exception {
    Process daemon = daemon("lisen: {}\n", Map.of());
    assertThat(daemon.waitFor()).isEqualTo(1);
    assertThat(said("err"))
        .startsWith("error: " + directory.resolve("holdfastd.yaml") + ", line 1: there is no key")
        .hasLineCount(1);

    Process noCertificates =
        daemon("tls: {key: /nonexistent/host.key, authority: /dev/null}\n", Map.of());
    assertThat(noCertificates.waitFor()).isEqualTo(1);
    assertThat(said("err")).contains("error: ").contains("cannot be read");
  }

  @Test
  void ctrlCRollsBackAndExits1() throws Exception {
    ScriptedEngine engine = new ScriptedEngine();
    engine.domain("web");
    engine.script("web", execution -> execution.reach(Phase.PHASE_CONVERGE, 12.5));
    try (DaemonFixture daemon = DaemonFixture.local(directory, engine)) {
      Process command =
          start(
              "org.holdfast.command.Main",
              Map.of("HOLDFAST_CONNECT", "unix:" + daemon.socket()),
              "migrate",
              "--verbose",
              "web",
              "qemu+tcp://kvm2/system");
      ScriptedExecution execution = engine.next();
      await("progress", () -> said("err").contains("\rMigration: [12.50 %]"));

      signal(command, "INT");

      assertThat(command.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(command.exitValue()).isEqualTo(1);
      assertThat(execution.report()).isCompletedExceptionally();
      assertThat(said("err"))
          .contains("Cancelling; waiting until all is rolled back.")
          .contains("error: The operation on domain web was cancelled.")
          .doesNotContain("100.00 %");
    }
  }

  @Test
  void ctrlCDuringThePreflightCancelsWhatThenBegins() throws Exception {
    ScriptedEngine engine = new ScriptedEngine();
    engine.domain("web");
    CountDownLatch preflight = new CountDownLatch(1);
    engine.script("web", execution -> awaitOrFail(preflight));
    try (DaemonFixture daemon = DaemonFixture.local(directory, engine)) {
      Process command =
          start(
              "org.holdfast.command.Main",
              Map.of("HOLDFAST_CONNECT", "unix:" + daemon.socket()),
              "suspend",
              "web");
      ScriptedExecution execution = engine.next();
      signal(command, "INT");
      await("the answer", () -> said("err").contains("Cancelling"));

      preflight.countDown();

      assertThat(command.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(command.exitValue()).isEqualTo(1);
      assertThat(execution.report()).isCompletedExceptionally();
    }
  }

  private static void awaitOrFail(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  @Test
  void ctrlCThatComesTooLateIsSaidAndTheOperationEndsWell() throws Exception {
    ScriptedEngine engine = new ScriptedEngine();
    engine.domain("web");
    engine.script("web", ScriptedExecution::cannotBeCancelled);
    try (DaemonFixture daemon = DaemonFixture.local(directory, engine)) {
      Process command =
          start(
              "org.holdfast.command.Main",
              Map.of("HOLDFAST_CONNECT", "unix:" + daemon.socket()),
              "migrate",
              "--verbose",
              "web",
              "qemu+tcp://kvm2/system");
      ScriptedExecution execution = engine.next();
      await("progress", () -> said("err").contains("Migration: ["));
      signal(command, "INT");
      await("the refusal", () -> said("err").contains("can no longer be rolled back"));

      execution.succeed(org.holdfast.api.Ledgers.report());

      assertThat(command.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(command.exitValue()).isZero();
      assertThat(new String(Files.readAllBytes(directory.resolve("out")), StandardCharsets.UTF_8))
          .contains("Domain 'web' migrated to");
    }
  }
}
