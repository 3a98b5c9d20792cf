package org.holdfast.configuration;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.holdfast.configuration.DaemonConfiguration.Access;
import org.holdfast.configuration.DaemonConfiguration.Agent;
import org.holdfast.configuration.DaemonConfiguration.History;
import org.holdfast.configuration.DaemonConfiguration.Holding;
import org.holdfast.configuration.DaemonConfiguration.Listen;
import org.holdfast.configuration.DaemonConfiguration.LocalSocket;
import org.holdfast.configuration.DaemonConfiguration.Permitted;
import org.holdfast.configuration.DaemonConfiguration.Tls;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads holdfastd.yaml. The one place where the defaults stand. */
public final class ConfigurationReader {
  /** Where the package puts it. */
  public static final Path USUAL_FILE = Path.of("/etc/holdfast/holdfastd.yaml");

  /** Where the local command finds the daemon. */
  public static final String USUAL_SOCKET = "/run/holdfast/holdfastd.sock";

  /** Where other hosts find the daemon. */
  public static final int USUAL_PORT = 16550;

  private static final long MIB = 1L << 20;

  /** What an agent takes back at once, less what copies may have in their receive queues. */
  private static final long MOST_RECEIVED = 1024 * MIB;

  /** The same of a connection: its state on the wire has no more. */
  private static final long MOST_RECEIVED_BY_ONE = 192 * MIB;

  private ConfigurationReader() {}

  /**
   * @throws ConfigurationException it cannot be read, is not YAML, has a key nobody knows, or a
   *     value that is out of bounds; the message has file and line
   */
  public static DaemonConfiguration read(Path file) throws ConfigurationException {
    String yaml;
    try {
      yaml = Files.readString(file);
    } catch (IOException unreadable) {
      throw new ConfigurationException(
          file + " cannot be read (" + unreadable + "); name another with --config.", unreadable);
    }
    return parse(file.toString(), yaml);
  }

  /**
   * @param file for complaints
   * @throws ConfigurationException as {@link #read}
   */
  public static DaemonConfiguration parse(String file, String yaml) throws ConfigurationException {
    LoadSettings settings = LoadSettings.builder().setLabel(file).build();
    try {
      return map(new YamlSection(file, "", new Compose(settings).composeString(yaml).orElse(null)));
    } catch (YamlEngineException notYaml) {
      throw new ConfigurationException(file + " is not YAML: " + notYaml.getMessage(), notYaml);
    }
  }

  private static DaemonConfiguration map(YamlSection top) throws ConfigurationException {
    DaemonConfiguration configuration =
        new DaemonConfiguration(
            top.text("host_name", thisHost()),
            top.text("libvirt_uri", "qemu:///system"),
            listen(top.section("listen")),
            socket(top.section("socket")),
            tls(top.section("tls")),
            access(top.section("access")),
            holding(top.section("holding")),
            agent(top.section("agent")),
            history(top.section("history")));
    top.finish();
    return configuration;
  }

  private static Listen listen(YamlSection section) throws ConfigurationException {
    Listen listen =
        new Listen(
            section.truth("enabled", true),
            section.text("address", "::"),
            section.integer("port", USUAL_PORT, 0, 65535));
    section.finish();
    return listen;
  }

  private static LocalSocket socket(YamlSection section) throws ConfigurationException {
    LocalSocket socket = new LocalSocket(section.absolutePath("path", USUAL_SOCKET));
    section.finish();
    return socket;
  }

  private static Tls tls(YamlSection section) throws ConfigurationException {
    Tls tls =
        new Tls(
            section.absolutePath("authority", "/etc/holdfast/tls/ca.crt"),
            section.absolutePath("certificate", "/etc/holdfast/tls/host.crt"),
            section.absolutePath("key", "/etc/holdfast/tls/host.key"));
    section.finish();
    return tls;
  }

  private static Access access(YamlSection section) throws ConfigurationException {
    Access access =
        new Access(
            permitted(section.section("read")),
            permitted(section.section("act")),
            section.list("hosts", "a name, or *", CertificateName::parse, List.of("*")));
    section.finish();
    return access;
  }

  private static Permitted permitted(YamlSection section) throws ConfigurationException {
    Permitted permitted =
        new Permitted(
            section.list("users", "the name of a user", Function.identity(), List.of()),
            section.list("groups", "the name of a group", Function.identity(), List.of()),
            section.list("certificates", "a name, or *", CertificateName::parse, List.of()));
    section.finish();
    return permitted;
  }

  private static Holding holding(YamlSection section) throws ConfigurationException {
    Holding holding =
        new Holding(
            section.integer("connections_per_domain", 20_000, 1, 100_000),
            section.integer("connections_per_host", 100_000, 1, 1_000_000),
            section.bytes("send_per_domain", "1 GiB", MIB, 1024 * 1024 * MIB),
            section.bytes("send_per_host", "4 GiB", MIB, 1024 * 1024 * MIB),
            section.bytes("receive_per_connection", "64 MiB", MIB, MOST_RECEIVED_BY_ONE),
            section.bytes("receive_per_domain", "128 MiB", MIB, MOST_RECEIVED),
            section.bytes("receive_per_host", "2 GiB", MIB, 1024 * 1024 * MIB),
            section.bytes("receive_memory_per_domain", "16 MiB", 0, MOST_RECEIVED),
            section.absolutePath("spool_directory", "/var/lib/holdfast/spool"),
            section.bytes("parked_per_interface", "16 MiB", 0, 1024 * MIB),
            section.list(
                "allowed_addresses", "a range such as 10.0.0.0/8", AddressRange::parse, List.of()),
            section.duration("claim_bound", "15 min", Duration.ofSeconds(1), Duration.ofDays(7)));
    section.finish();
    return holding;
  }

  private static Agent agent(YamlSection section) throws ConfigurationException {
    Agent agent =
        new Agent(
            section.duration(
                "answer_timeout", "5 s", Duration.ofMillis(100), Duration.ofMinutes(1)),
            section.duration(
                "silence_bound", "2 s", Duration.ofMillis(100), Duration.ofMinutes(1)));
    section.finish();
    return agent;
  }

  private static History history(YamlSection section) throws ConfigurationException {
    History history =
        new History(
            section.integer("finished_operations", 100, 0, 100_000),
            section.absolutePath("journal", "/var/lib/holdfast/journal"));
    section.finish();
    return history;
  }

  private static String thisHost() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException unresolved) {
      return "localhost";
    }
  }
}
