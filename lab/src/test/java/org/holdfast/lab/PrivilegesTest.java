package org.holdfast.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What systemd bounds, the script bounds where there is no systemd: the lab's daemons have no more.
 */
class PrivilegesTest {
  private static final Pattern UNIT = Pattern.compile("CAP_([A-Z_]+)");
  private static final Pattern SCRIPT = Pattern.compile("\\+([a-z_]+)");

  private final Path home = ProjectHome.find();

  @Test
  void theDaemonHasTheSameCapabilitiesEverywhere() throws IOException {
    Set<String> unit =
        capabilities(
            UNIT, "migration-manager/src/deb/systemd/holdfastd.service", "CapabilityBoundingSet=");
    assertThat(
            capabilities(
                SCRIPT,
                "ansible/roles/holdfast_host/templates/holdfastd.init.j2",
                "capabilities=-all"))
        .isEqualTo(unit);
    assertThat(threats("holdfastd.service")).isEqualTo(unit);
  }

  @Test
  void theAgentsCapabilitiesAreThoseThatAreWrittenDown() throws IOException {
    Set<String> unit =
        capabilities(
            UNIT,
            "guest-agent/src/deb/systemd/holdfast-guest-agent.service",
            "CapabilityBoundingSet=");
    assertThat(threats("holdfast-guest-agent.service")).isEqualTo(unit);
  }

  @Test
  void neitherLeavesACore() throws IOException {
    assertThat(read("migration-manager/src/deb/systemd/holdfastd.service")).contains("LimitCORE=0");
    assertThat(read("migration-manager/src/deb/bin/holdfastd"))
        .contains("ulimit -c 0", "-XX:-CreateCoredumpOnCrash", "-XX:+DisableAttachMechanism");
    assertThat(read("guest-agent/src/deb/systemd/holdfast-guest-agent.service"))
        .contains("LimitCORE=0");
  }

  /** The row of THREATS.md. */
  private Set<String> threats(String unit) throws IOException {
    String row = line("THREATS.md", "| " + unit);
    return matches(Pattern.compile("\\b([A-Z]+_[A-Z_]+|KILL)\\b"), row);
  }

  private Set<String> capabilities(Pattern pattern, String file, String beginning)
      throws IOException {
    return matches(pattern, line(file, beginning));
  }

  /** All lines of a file that begin so. */
  private String line(String file, String beginning) throws IOException {
    StringBuilder lines = new StringBuilder();
    read(file)
        .lines()
        .filter(line -> line.startsWith(beginning))
        .forEach(line -> lines.append(line).append("\n"));
    assertThat(lines).isNotEmpty();
    return lines.toString();
  }

  private String read(String file) throws IOException {
    return Files.readString(home.resolve(file));
  }

  private static Set<String> matches(Pattern pattern, String text) {
    Set<String> found = new TreeSet<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(1).toUpperCase(Locale.ROOT));
    }
    return found;
  }
}
