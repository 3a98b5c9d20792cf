package org.holdfast.migration.run;

import com.google.protobuf.ByteString;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.api.StatusMapping;
import org.holdfast.proto.agent.v1.InterfaceAddress;
import org.holdfast.proto.v1.AbandonRequest;
import org.holdfast.proto.v1.FollowRequest;
import org.holdfast.proto.v1.PrepareRequest;
import org.holdfast.proto.v1.PreparedInterface;
import org.holdfast.proto.v1.TargetProgress;
import org.holdfast.proto.v1.TimelineEntry;
import org.holdfast.proto.v1.TransferServiceGrpc;
import org.holdfast.proto.v1.TransferServiceGrpc.TransferServiceBlockingV2Stub;
import org.holdfast.takeover.VmInterface;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The target's daemon, as the source of one migration speaks to it. */
final class TargetSide {
  private static final Logger log = LoggerFactory.getLogger(TargetSide.class);
  private static final Duration PREPARE_BOUND = Duration.ofSeconds(10);
  private static final Duration PAUSE_BETWEEN_CALLS = Duration.ofMillis(500);

  /**
   * How it ended there.
   *
   * @param timeline of the target's steps
   * @param problem in words, if the connections could not be given back
   * @param domainStopped nobody will claim them any more
   */
  record Outcome(List<TimelineEntry> timeline, Optional<String> problem, boolean domainStopped) {}

  private final Host host;
  private final Destination destination;
  private final Operation operation;
  private final TransferServiceBlockingV2Stub stub;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
  private volatile boolean abandoned;

  TargetSide(Host host, Destination destination, Operation operation) {
    this.host = host;
    this.destination = destination;
    this.operation = operation;
    this.stub = TransferServiceGrpc.newBlockingV2Stub(host.peers().channel(destination.daemon()));
  }

  /**
   * Asks whether the target would have the VM, and begins to follow what becomes of it there.
   *
   * @throws HoldfastException NO_DAEMON_ON_TARGET, or the target's own reason
   */
  void prepare(List<VmInterface> interfaces) {
    PrepareRequest.Builder request =
        PrepareRequest.newBuilder()
            .setMigrationId(operation.migrationId())
            .setDomainUuid(operation.domain().uuid().toString())
            .setDomainName(operation.domain().name())
            .setSourceHost(host.name())
            .setHolder(host.address())
            .setOperationStart(Operation.timestamp(operation.timeline().operationBegin()))
            .setClaimBoundSeconds((int) Host.CLAIM_BOUND.toSeconds());
    interfaces.forEach(one -> request.addInterfaces(prepared(one)));
    try {
      stub.withDeadlineAfter(PREPARE_BOUND.toMillis(), TimeUnit.MILLISECONDS)
          .prepare(request.build());
    } catch (StatusException e) {
      throw refused(e);
    }
    Thread follower = new Thread(this::follow, "follow-" + operation.domain().name());
    follower.setDaemon(true);
    follower.start();
  }

  private static PreparedInterface prepared(VmInterface one) {
    PreparedInterface.Builder prepared =
        PreparedInterface.newBuilder()
            .setMac(ByteString.copyFrom(one.mac().octets()))
            .setBridge(one.port().bridge());
    one.addresses()
        .forEach(
            own ->
                prepared.addAddresses(
                    InterfaceAddress.newBuilder()
                        .setAddress(ByteString.copyFrom(own.address().getAddress()))
                        .setPrefixLength(own.prefixLength())));
    return prepared.build();
  }

  private HoldfastException refused(StatusException e) {
    HoldfastException told =
        StatusMapping.fromGrpc(e.getStatus().asRuntimeException(e.getTrailers()));
    return switch (told.code()) {
      case DAEMON_UNREACHABLE, TIMEOUT ->
          new HoldfastException(
              ErrorCode.NO_DAEMON_ON_TARGET,
              "No holdfastd answers at %s: %s."
                  .formatted(destination.daemon(), e.getStatus().getDescription()),
              ErrorCode.NO_DAEMON_ON_TARGET.usualRemedy(),
              e);
      default -> told;
    };
  }

  /** Follows until the target says it has finished, also through a broken connection. */
  private void follow() {
    while (!outcome.isDone() && !abandoned) {
      try {
        BlockingClientCall<?, TargetProgress> call =
            stub.follow(FollowRequest.newBuilder().setMigrationId(operation.migrationId()).build());
        for (TargetProgress next = call.read(); next != null; next = call.read()) {
          if (next.getFinished()) {
            outcome.complete(
                new Outcome(
                    next.getTimelineList(),
                    Optional.of(next.getProblem()).filter(problem -> !problem.isEmpty()),
                    next.getDomainStopped()));
          }
        }
        pause();
      } catch (StatusException e) {
        log.debug("{}: the target is not heard: {}", operation.domain().name(), e.getMessage());
        pause();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_BETWEEN_CALLS.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for the target to have given the connections back. */
  Outcome await(Duration bound) throws InterruptedException {
    try {
      return outcome.get(bound.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException notHeard) {
      return new Outcome(
          List.of(),
          Optional.of(
              "the daemon at %s was not heard for %d s"
                  .formatted(destination.daemon(), bound.toSeconds())),
          false);
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The VM does not come; a target that cannot be told finds out by its own bound. */
  void abandon() {
    abandoned = true;
    try {
      stub.withDeadlineAfter(PREPARE_BOUND.toMillis(), TimeUnit.MILLISECONDS)
          .abandon(AbandonRequest.newBuilder().setMigrationId(operation.migrationId()).build());
    } catch (StatusException e) {
      log.info("{}: the target could not be told: {}", operation.domain().name(), e.getMessage());
    }
  }
}
