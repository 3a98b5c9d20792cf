package org.holdfast.migration.run;

import java.util.UUID;
import org.holdfast.libvirt.DomainEventListener;
import org.holdfast.libvirt.LifecycleEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A suspended VM that somebody ends, or that dies, has nobody left to whom its connections could be
 * given back: they end with it. Where an operation is under way, that one sees to it.
 */
final class StoppedDomains implements DomainEventListener {
  private static final Logger log = LoggerFactory.getLogger(StoppedDomains.class);

  private final Host host;
  private final LocalMigrationEngine engine;

  StoppedDomains(Host host, LocalMigrationEngine engine) {
    this.host = host;
    this.engine = engine;
  }

  @Override
  public void lifecycle(LifecycleEvent event) {
    switch (event.detail()) {
      case STOPPED_DESTROYED, STOPPED_SHUTDOWN, STOPPED_CRASHED, STOPPED_FAILED ->
          host.holdings()
              .of(event.domain())
              .ifPresent(holding -> endLater(event.domain(), event.domainName()));
      default -> {}
    }
  }

  /** Events come on libvirt's own thread, which must not wait. */
  private void endLater(UUID domain, String name) {
    Thread thread =
        new Thread(() -> engine.ifNothingElse(domain, () -> end(domain, name)), "ended-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  private void end(UUID domain, String name) {
    host.holdings()
        .of(domain)
        .ifPresent(
            holding -> {
              log.warn("{} was stopped while its connections were held: they end with it", name);
              host.forget(holding);
            });
  }
}
