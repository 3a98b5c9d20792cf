package org.holdfast.daemon;

import io.grpc.BindableService;
import java.nio.file.Path;
import java.util.List;
import org.holdfast.api.MigrationEngine;
import org.holdfast.api.RunningEngine;
import org.holdfast.configuration.ConfigurationException;
import org.holdfast.configuration.ConfigurationReader;
import org.holdfast.configuration.DaemonConfiguration;

/** A whole daemon in the test's process, with the test's engine in it. */
public final class DaemonFixture implements AutoCloseable {
  private final HoldfastDaemon daemon;
  private final Path socket;

  private DaemonFixture(HoldfastDaemon daemon, Path socket) {
    this.daemon = daemon;
    this.socket = socket;
  }

  /** With a Unix socket in the directory, and no TCP. */
  public static DaemonFixture local(Path directory, MigrationEngine engine)
      throws ConfigurationException {
    return start(directory, engine, "listen: {enabled: false}");
  }

  /** As {@link #local}, with these lines of configuration besides. */
  public static DaemonFixture start(Path directory, MigrationEngine engine, String... yaml)
      throws ConfigurationException {
    Path socket = directory.resolve("holdfastd.sock");
    DaemonConfiguration configuration =
        ConfigurationReader.parse(
            "test", "socket: {path: " + socket + "}\n" + String.join("\n", yaml));
    return new DaemonFixture(
        HoldfastDaemon.start(configuration, (same, identity) -> running(engine)), socket);
  }

  static RunningEngine running(MigrationEngine engine) {
    return new RunningEngine() {
      @Override
      public MigrationEngine engine() {
        return engine;
      }

      @Override
      public List<BindableService> hostServices() {
        return List.of();
      }

      @Override
      public void close() {}
    };
  }

  public Path socket() {
    return socket;
  }

  public HoldfastDaemon daemon() {
    return daemon;
  }

  @Override
  public void close() {
    daemon.close();
  }
}
