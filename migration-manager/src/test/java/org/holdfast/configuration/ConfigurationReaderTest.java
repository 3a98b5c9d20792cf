package org.holdfast.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.holdfast.configuration.DaemonConfiguration.Access;
import org.holdfast.configuration.DaemonConfiguration.Agent;
import org.holdfast.configuration.DaemonConfiguration.History;
import org.holdfast.configuration.DaemonConfiguration.Holding;
import org.holdfast.configuration.DaemonConfiguration.Listen;
import org.holdfast.configuration.DaemonConfiguration.LocalSocket;
import org.holdfast.configuration.DaemonConfiguration.Permitted;
import org.holdfast.configuration.DaemonConfiguration.Tls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationReaderTest {
  private static final Path PACKAGED = Path.of("src/deb/etc/holdfastd.yaml");

  private static DaemonConfiguration defaults() throws Exception {
    return new DaemonConfiguration(
        InetAddress.getLocalHost().getHostName(),
        "qemu:///system",
        new Listen(true, "::", 16550),
        new LocalSocket(Path.of("/run/holdfast/holdfastd.sock")),
        new Tls(
            Path.of("/etc/holdfast/tls/ca.crt"),
            Path.of("/etc/holdfast/tls/host.crt"),
            Path.of("/etc/holdfast/tls/host.key")),
        new Access(
            new Permitted(List.of(), List.of(), List.of()),
            new Permitted(List.of(), List.of(), List.of()),
            List.of("*")),
        new Holding(
            20_000,
            100_000,
            1L << 30,
            4L << 30,
            64L << 20,
            128L << 20,
            2L << 30,
            16L << 20,
            Path.of("/var/lib/holdfast/spool"),
            16L << 20,
            List.of(),
            Duration.ofMinutes(15)),
        new Agent(Duration.ofSeconds(5), Duration.ofSeconds(2)),
        new History(100, Path.of("/var/lib/holdfast/journal")));
  }

  @Test
  void anEmptyFileIsAllDefaults() throws Exception {
    assertThat(ConfigurationReader.parse("f", "")).isEqualTo(defaults());
    assertThat(ConfigurationReader.parse("f", "holding: {}\n")).isEqualTo(defaults());
  }

  @Test
  void everyKeyReachesItsField() throws Exception {
    String yaml =
        """
        host_name: kvm1.example.org
        libvirt_uri: qemu+unix:///system
        listen:
          enabled: false
          address: 192.0.2.1
          port: 17000
        socket:
          path: /tmp/h.sock
        tls:
          authority: /tls/a
          certificate: /tls/b
          key: /tls/c
        access:
          read: {users: [alice], groups: [kvm], certificates: [dash.example.org]}
          act: {users: [bob], groups: [wheel], certificates: ["*"]}
          hosts: [kvm1, kvm2]
        holding:
          connections_per_domain: 7
          connections_per_host: 8
          send_per_domain: 9 MiB
          send_per_host: 10 MiB
          receive_per_connection: 1 MiB
          receive_per_domain: 2 MiB
          receive_per_host: 3 MiB
          receive_memory_per_domain: 4 MiB
          spool_directory: /spool
          parked_per_interface: 512KiB
          claim_bound: 40 s
          allowed_addresses: [10.0.0.0/8, "2001:db8::/32", 192.0.2.7]
        agent:
          answer_timeout: 500 ms
          silence_bound: 1 min
        history:
          finished_operations: 5
          journal: /x/journal
        """;

    assertThat(ConfigurationReader.parse("f", yaml))
        .isEqualTo(
            new DaemonConfiguration(
                "kvm1.example.org",
                "qemu+unix:///system",
                new Listen(false, "192.0.2.1", 17000),
                new LocalSocket(Path.of("/tmp/h.sock")),
                new Tls(Path.of("/tls/a"), Path.of("/tls/b"), Path.of("/tls/c")),
                new Access(
                    new Permitted(List.of("alice"), List.of("kvm"), List.of("dash.example.org")),
                    new Permitted(List.of("bob"), List.of("wheel"), List.of("*")),
                    List.of("kvm1", "kvm2")),
                new Holding(
                    7,
                    8,
                    9L << 20,
                    10L << 20,
                    1L << 20,
                    2L << 20,
                    3L << 20,
                    4L << 20,
                    Path.of("/spool"),
                    512L << 10,
                    List.of(
                        AddressRange.parse("10.0.0.0/8"),
                        AddressRange.parse("2001:db8::/32"),
                        AddressRange.parse("192.0.2.7/32")),
                    Duration.ofSeconds(40)),
                new Agent(Duration.ofMillis(500), Duration.ofMinutes(1)),
                new History(5, Path.of("/x/journal"))));
  }

  @Test
  void thePackagedFileSaysTheDefaultsItClaims() throws Exception {
    assertThat(ConfigurationReader.read(PACKAGED)).isEqualTo(defaults());

    String uncommented =
        Files.readAllLines(PACKAGED).stream()
            .filter(line -> line.matches("#( *)[a-z_]+:.*"))
            .map(line -> line.substring(1))
            .collect(Collectors.joining("\n"));
    DaemonConfiguration shown = ConfigurationReader.parse("uncommented", uncommented);

    assertThat(shown.hostName()).isEqualTo("kvm1.example.org");
    DaemonConfiguration expected = defaults();
    assertThat(shown)
        .isEqualTo(
            new DaemonConfiguration(
                "kvm1.example.org",
                expected.libvirtUri(),
                expected.listen(),
                expected.socket(),
                expected.tls(),
                expected.access(),
                expected.holding(),
                expected.agent(),
                expected.history()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lisen: {port: 1}            | f, line 1: there is no key \"lisen\"",
        "'listen:\\n  prot: 1'       | f, line 2: there is no key \"listen.prot\"; known here are",
        "listen: {port: 65536}       | f, line 1: listen.port is a number from 0 to 65535, not",
        "listen: {port: -1}          | listen.port is a number",
        "listen: {port: many}        | listen.port is a number, not \"many\"",
        "listen: 16550               | f, line 1: listen has keys and values below it",
        "listen: {enabled: yes}      | listen.enabled is true or false, not \"yes\"",
        "socket: {path: run/h.sock}  | socket.path is an absolute path, not \"run/h.sock\"",
        "'socket: {path: \"/h\\0.sock\"}' | socket.path is an absolute path, not",
        "host_name: [a, b]           | host_name is one value",
        "'host_name: a\\nhost_name: b' | line 2: the key \"host_name\" stands there twice",
        "holding: {receive_per_connection: 1 MB}  | is a size such as \"16 MiB\", not \"1 MB\"",
        "holding: {receive_per_connection: 2 GiB} | is a size such as",
        "holding: {allowed_addresses: 10.0.0.0/8} | holding.allowed_addresses is a list",
        "holding: {allowed_addresses: [10.0.0.1/8]} | bits beyond the prefix",
        "holding: {allowed_addresses: [kvm1]}     | each of holding.allowed_addresses is a range",
        "agent: {silence_bound: 2 min}            | agent.silence_bound is a duration",
        "agent: {silence_bound: 10}               | agent.silence_bound is a duration",
        "access: {act: {certificates: ['*.example.org']}} | each of access.act.certificates is a name",
        "access: {hosts: kvm1}                    | access.hosts is a list",
        "host_name: 'unclosed        | f is not YAML",
      })
  void whatIsWrongIsSaidWithItsLine(String yaml, String complaint) {
    assertThatThrownBy(() -> ConfigurationReader.parse("f", yaml.replace("\\n", "\n")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(complaint);
  }

  @Test
  void aFileThatIsNotThereIsNamed(@TempDir Path directory) {
    assertThatThrownBy(() -> ConfigurationReader.read(directory.resolve("none.yaml")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("none.yaml")
        .hasMessageContaining("--config");
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.0.1, true",
    "10.0.0.0/8, 11.0.0.1, false",
    "0.0.0.0/0, 192.0.2.1, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "192.0.2.128/25, 192.0.2.127, false",
    "192.0.2.7, 192.0.2.7, true",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "2001:db8::/33, 2001:db8:8000::1, false",
  })
  void aRangeContainsItsAddresses(String range, String address, boolean contained)
      throws Exception {
    assertThat(AddressRange.parse(range).contains(InetAddress.getByName(address)))
        .isEqualTo(contained);
  }
}
