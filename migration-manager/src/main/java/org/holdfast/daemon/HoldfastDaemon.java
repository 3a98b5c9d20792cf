package org.holdfast.daemon;

import io.grpc.BindableService;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.holdfast.access.AccessRules;
import org.holdfast.api.EngineFactory;
import org.holdfast.api.MigrationGrpcService;
import org.holdfast.api.OperationRegistry;
import org.holdfast.api.OperationsGrpcService;
import org.holdfast.api.RunningEngine;
import org.holdfast.configuration.ConfigurationException;
import org.holdfast.configuration.DaemonConfiguration;
import org.holdfast.transport.TlsIdentity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running holdfastd: the engine behind two doors. Other hosts and orchestrators come through TCP
 * with certificates, the local command through a Unix socket; both find the same services, except
 * that the services between hosts are behind the first door only.
 */
public final class HoldfastDaemon implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HoldfastDaemon.class);
  private static final Duration LAST_CALLS = Duration.ofSeconds(3);

  /** What was opened, the last first; closed in this order. */
  private final Deque<Runnable> closing = new ArrayDeque<>();

  private OptionalInt tcpPort = OptionalInt.empty();

  private HoldfastDaemon() {}

  /**
   * Starts all of it, or nothing.
   *
   * @throws ConfigurationException something is not as it must be; the message says what to do
   */
  public static HoldfastDaemon start(DaemonConfiguration configuration, EngineFactory factory)
      throws ConfigurationException {
    HoldfastDaemon daemon = new HoldfastDaemon();
    boolean started = false;
    try {
      daemon.open(configuration, factory);
      started = true;
      return daemon;
    } finally {
      if (!started) {
        daemon.close();
      }
    }
  }

  private void open(DaemonConfiguration configuration, EngineFactory factory)
      throws ConfigurationException {
    AccessRules rules = AccessRules.of(configuration.access(), configuration.hostName());
    Optional<TlsIdentity> identity = Optional.empty();
    if (configuration.listen().enabled()) {
      TlsIdentity loaded = TlsIdentity.load(configuration.tls(), TlsIdentity.USUAL_PERIOD);
      closing.push(loaded::close);
      identity = Optional.of(loaded);
    }
    RunningEngine engine = factory.create(configuration, identity);
    closing.push(engine::close);

    OperationRegistry operations =
        new OperationRegistry(configuration.history().finishedOperations());
    HealthStatusManager health = new HealthStatusManager();
    List<BindableService> everywhere =
        List.of(
            new MigrationGrpcService(engine.engine(), operations),
            new OperationsGrpcService(operations),
            health.getHealthService(),
            ProtoReflectionServiceV1.newInstance());
    openDoors(configuration, identity, rules, everywhere, engine.hostServices());
    closing.push(
        () -> {
          operations.close();
          health.enterTerminalState();
        });
  }

  private void openDoors(
      DaemonConfiguration configuration,
      Optional<TlsIdentity> identity,
      AccessRules rules,
      List<BindableService> everywhere,
      List<BindableService> betweenHosts)
      throws ConfigurationException {
    if (identity.isPresent()) {
      List<BindableService> services = new ArrayList<>(everywhere);
      services.addAll(betweenHosts);
      Door door = Door.tcp(configuration.listen(), identity.get(), rules, services);
      closing.push(() -> door.close(LAST_CALLS));
      tcpPort = OptionalInt.of(door.port());
      log.info(
          "Other hosts call {} port {}.", configuration.listen().address(), tcpPort.getAsInt());
    } else {
      log.info("No TCP (listen.enabled is false): domains neither leave nor arrive.");
    }
    Door door = Door.unix(configuration.socket(), rules, everywhere);
    closing.push(() -> door.close(LAST_CALLS));
    log.info("The local command calls {}.", configuration.socket().path());
  }

  /** The TCP port that is listened on, if any. */
  public OptionalInt tcpPort() {
    return tcpPort;
  }

  /** Closes the doors, waits a moment for calls under way, then closes the engine. */
  @Override
  public synchronized void close() {
    while (!closing.isEmpty()) {
      try {
        closing.pop().run();
      } catch (RuntimeException failure) {
        log.warn("Stopping goes on after a failure.", failure);
      }
    }
  }
}
