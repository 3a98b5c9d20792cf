package org.holdfast.migration.run;

import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.libvirt.DomainEventListener;
import org.holdfast.libvirt.LifecycleEvent;
import org.holdfast.migration.hold.FollowingFirewall;
import org.holdfast.migration.hold.Holder;
import org.holdfast.migration.transfer.RemoteHolder;
import org.holdfast.migration.transfer.TransferServer;
import org.holdfast.proto.agent.v1.Ticket;
import org.holdfast.proto.host.v1.OperationBegun;
import org.holdfast.proto.v1.PrepareRequest;
import org.holdfast.proto.v1.PrepareResponse;
import org.holdfast.proto.v1.PreparedInterface;
import org.holdfast.proto.v1.TargetProgress;

/**
 * This host as a target: the migrations it was asked to receive. Safe for use by several threads.
 */
final class IncomingMigrations implements TransferServer.Target {
  private static final int MOST_INCOMING = 256;
  private static final int MOST_INTERFACES = 64;

  /** A source that was not heard when it was told asks again, once its daemon is there again. */
  private static final int MOST_ENDED = 64;

  private final Host host;
  private final String version;
  private final Map<String, IncomingMigration> byId = new ConcurrentHashMap<>();

  /** The migration that was announced last for each domain. */
  private final Map<UUID, String> latest = new ConcurrentHashMap<>();

  /** Ids, the oldest first. */
  private final Queue<String> ended = new ConcurrentLinkedQueue<>();

  IncomingMigrations(Host host, String version) {
    this.host = host;
    this.version = version;
    host.libvirtAccess().listen(new Watcher());
  }

  @Override
  public PrepareResponse prepare(PrepareRequest request) {
    UUID domain = uuid(request.getDomainUuid());
    for (PreparedInterface one : request.getInterfacesList()) {
      HostBridges.ofThisHost().require(host.name(), one.getBridge(), request.getDomainName());
    }
    if (host.active(domain).isPresent()) {
      throw new HoldfastException(
          ErrorCode.SAME_HOST,
          "Domain %s is already active on %s.".formatted(request.getDomainName(), host.name()));
    }
    Arrival.of(host.peers(), request, domain).requireAnswer(host.name());
    expect(request, domain);
    return PrepareResponse.newBuilder().setHost(host.name()).setVersion(version).build();
  }

  /** Those that are announced at the same time are judged one after the other. */
  private synchronized void expect(PrepareRequest request, UUID domain) {
    requireRoom(request);
    supersede(request, domain);
    host.journal()
        .begin(
            request.getMigrationId(),
            OperationBegun.newBuilder()
                .setDomainUuid(request.getDomainUuid())
                .setDomainName(request.getDomainName())
                .setArriving(OperationBegun.Arriving.newBuilder().setRequest(request))
                .build());
    receive(request, domain).start();
  }

  private IncomingMigration receive(PrepareRequest request, UUID domain) {
    String id = request.getMigrationId();
    latest.put(domain, id);
    IncomingMigration incoming =
        new IncomingMigration(
            host,
            request,
            domain,
            () -> id.equals(latest.get(domain)),
            holderOf(request.getHolder()));
    byId.put(id, incoming);
    incoming.result().whenComplete((result, failure) -> noteEnd(request.getMigrationId()));
    return incoming;
  }

  private void noteEnd(String migrationId) {
    host.journal().end(migrationId);
    ended.add(migrationId);
    while (ended.size() > MOST_ENDED) {
      IncomingMigration forgotten = byId.remove(ended.poll());
      if (forgotten != null) {
        latest.remove(forgotten.domain(), forgotten.migrationId());
      }
    }
  }

  /**
   * Goes on with a migration that an earlier daemon was asked to receive. When this returns the
   * VM's ports are fenced, if it has any.
   */
  void goOn(PrepareRequest request) {
    IncomingMigration incoming = receive(request, uuid(request.getDomainUuid()));
    incoming.tryFence();
    incoming.start();
  }

  /** One host cannot put itself in another's place, nor ask for more than can ever arrive. */
  private void requireRoom(PrepareRequest request) {
    if (byId.containsKey(request.getMigrationId())) {
      throw new HoldfastException(
          ErrorCode.ALREADY_MIGRATING,
          "Migration %s was announced to %s already."
              .formatted(request.getMigrationId(), host.name()));
    }
    if (byId.size() >= MOST_INCOMING || request.getInterfacesCount() > MOST_INTERFACES) {
      throw new HoldfastException(
          ErrorCode.NOT_ENOUGH_SPACE,
          "Host %s receives %d domains already, with %d interfaces at most."
              .formatted(host.name(), byId.size(), MOST_INTERFACES));
    }
  }

  /**
   * A source that announces a domain once more has given up what it had announced, even if that was
   * not heard here.
   */
  private void supersede(PrepareRequest request, UUID domain) {
    for (IncomingMigration other : byId.values()) {
      if (!other.domain().equals(domain) || other.result().isDone()) {
        continue;
      }
      if (!other.holder().equals(request.getHolder())) {
        throw new HoldfastException(
            ErrorCode.ALREADY_MIGRATING,
            "Domain %s is expected on %s already, from %s."
                .formatted(request.getDomainName(), host.name(), other.holder()));
      }
      other.abandon();
    }
  }

  static UUID uuid(String words) {
    try {
      return UUID.fromString(words);
    } catch (IllegalArgumentException e) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT, "The request names no domain: its UUID cannot be read.");
    }
  }

  /** The source is the holder, whatever the guest says: its ticket proves, it does not direct. */
  private Function<Ticket, Holder> holderOf(String address) {
    Holder holder =
        new FollowingFirewall(
            new RemoteHolder(host.peers().channel(address), address), host.network().tracking());
    return ticket -> holder;
  }

  @Override
  public Optional<String> announcer(String migrationId) {
    return Optional.ofNullable(byId.get(migrationId)).map(IncomingMigration::holder);
  }

  @Override
  public void comesWithOwnSockets(String migrationId) {
    IncomingMigration incoming = byId.get(migrationId);
    if (incoming != null) {
      incoming.comesWithOwnSockets();
    }
  }

  @Override
  public void abandon(String migrationId) {
    IncomingMigration incoming = byId.get(migrationId);
    if (incoming != null) {
      incoming.stays();
    }
  }

  @Override
  public void follow(String migrationId, Consumer<TargetProgress> listener) {
    IncomingMigration incoming = byId.get(migrationId);
    if (incoming == null) {
      throw new HoldfastException(
          ErrorCode.OPERATION_NOT_FOUND,
          "Host %s knows nothing of migration %s.".formatted(host.name(), migrationId));
    }
    incoming.onWaiting(
        what -> listener.accept(TargetProgress.newBuilder().setWaitingFor(what).build()));
    incoming
        .result()
        .thenAccept(
            result ->
                listener.accept(
                    TargetProgress.newBuilder()
                        .setFinished(true)
                        .addAllLedger(result.ledger())
                        .addAllTimeline(result.timeline())
                        .setProblem(result.problem().orElse(""))
                        .setDidNotArrive(!result.arrived())
                        .build()));
  }

  private final class Watcher implements DomainEventListener {
    @Override
    public void lifecycle(LifecycleEvent event) {
      byId.values().stream()
          .filter(incoming -> incoming.domain().equals(event.domain()))
          .forEach(incoming -> incoming.hear(event));
    }
  }
}
