package org.holdfast.migration.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.holdfast.transport.Certificates;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The capabilities that the daemon's unit leaves it are enough for what it does. */
@Tag("kernel")
@Timeout(180)
class LeastPrivilegesTest {
  private static final Path UNIT = Path.of("src/deb/systemd/holdfastd.service");
  private static final String BOUND = "CapabilityBoundingSet=";

  @TempDir private Path directory;

  /** Of a server's connections, on a port below 1024. */
  @Test
  void aTakeoverAndAGiveBackNeedNoMore() throws Exception {
    Certificates.in(directory).issue("kvm1");
    Process run =
        new ProcessBuilder(
                "setpriv",
                "--no-new-privs",
                "--inh-caps=-all",
                "--bounding-set=-all," + bounded(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                TalkativeRun.class.getName(),
                directory.toString())
            .redirectErrorStream(true)
            .start();
    assertThat(new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .contains("held 2", "the run is over");
  }

  private static String bounded() throws Exception {
    String line =
        Files.readAllLines(UNIT).stream()
            .filter(candidate -> candidate.startsWith(BOUND))
            .findFirst()
            .orElseThrow();
    return Arrays.stream(line.substring(BOUND.length()).split(" "))
        .map(name -> "+" + name.substring("CAP_".length()).toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(","));
  }
}
