package org.holdfast.daemon;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;
import org.holdfast.access.AccessRules;
import org.holdfast.api.EngineFactory;
import org.holdfast.configuration.ConfigurationException;
import org.holdfast.configuration.ConfigurationReader;
import org.holdfast.configuration.DaemonConfiguration;
import org.holdfast.transport.ProductVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** The program holdfastd: {@code holdfastd [--config FILE] [--check | --version]}. */
public final class Main {
  private static final Logger log = LoggerFactory.getLogger(Main.class);

  private Main() {}

  public static void main(String[] arguments) {
    int status = run(List.of(arguments), System.out, System.err);
    if (status != 0) {
      System.exit(status);
    }
  }

  private static int run(List<String> arguments, PrintStream out, PrintStream err) {
    try {
      Path file = ConfigurationReader.USUAL_FILE;
      boolean check = false;
      for (int index = 0; index < arguments.size(); index++) {
        switch (arguments.get(index)) {
          case "--config" -> file = Path.of(valueAfter(arguments, index++));
          case "--check" -> check = true;
          case "--version" -> {
            out.println("holdfastd " + ProductVersion.current());
            return 0;
          }
          default -> throw usage("\"" + arguments.get(index) + "\" is no option of holdfastd");
        }
      }
      DaemonConfiguration configuration = ConfigurationReader.read(file);
      if (check) {
        AccessRules.of(configuration.access(), configuration.hostName());
        out.println(file + " is right.");
        return 0;
      }
      serve(configuration, new SystemdNotifier(System.getenv("NOTIFY_SOCKET")));
      return 0;
    } catch (ConfigurationException unusable) {
      err.println("error: " + unusable.getMessage());
      return 1;
    }
  }

  private static String valueAfter(List<String> arguments, int index)
      throws ConfigurationException {
    if (index + 1 == arguments.size()) {
      throw usage("a value is missing after " + arguments.get(index));
    }
    return arguments.get(index + 1);
  }

  private static ConfigurationException usage(String wrong) {
    return new ConfigurationException(wrong + "; holdfastd [--config FILE] [--check | --version].");
  }

  /** Returns when the daemon runs; it ends with SIGTERM or SIGINT. */
  private static void serve(DaemonConfiguration configuration, SystemdNotifier systemd)
      throws ConfigurationException {
    // gRPC and Netty log through java.util.logging.
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    HoldfastDaemon daemon = HoldfastDaemon.start(configuration, installedEngine());
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  log.info("Stopping.");
                  systemd.stopping();
                  daemon.close();
                  log.info("Stopped.");
                  stopped.countDown();
                },
                "stop"));
    log.info("holdfastd {} runs on {}.", ProductVersion.current(), configuration.hostName());
    systemd.ready("serving " + configuration.socket().path());
    keepRunningUntil(stopped);
  }

  /** gRPC's threads are daemon threads: somebody has to keep the JVM alive. */
  private static void keepRunningUntil(CountDownLatch stopped) {
    try {
      stopped.await();
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  /** The engine in the class path; it names itself in META-INF/services. */
  private static EngineFactory installedEngine() throws ConfigurationException {
    return ServiceLoader.load(EngineFactory.class)
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigurationException(
                    "The installation is incomplete: no class path entry offers "
                        + EngineFactory.class.getName()
                        + "; install the package holdfast again."));
  }
}
