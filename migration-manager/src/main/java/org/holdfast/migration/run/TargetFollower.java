package org.holdfast.migration.run;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.holdfast.proto.v1.AbandonRequest;
import org.holdfast.proto.v1.FollowRequest;
import org.holdfast.proto.v1.TargetProgress;
import org.holdfast.proto.v1.TimelineEntry;
import org.holdfast.proto.v1.TransferServiceGrpc;
import org.holdfast.proto.v1.TransferServiceGrpc.TransferServiceBlockingV2Stub;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows what becomes of a VM at its target, also through broken connections and a target's daemon
 * that is started again.
 */
final class TargetFollower {
  private static final Logger log = LoggerFactory.getLogger(TargetFollower.class);
  private static final Duration ANSWER_BOUND = Duration.ofSeconds(10);
  private static final Duration PAUSE_BETWEEN_CALLS = Duration.ofMillis(500);

  /** Whether a domain came to run at its target. */
  enum Arrived {
    YES,
    NO,
    NOT_HEARD
  }

  /**
   * How it ended there.
   *
   * @param timeline of the target's steps
   * @param problem in words, if the connections could not be given back
   * @param heard whether the target has said so: then it claims no more
   * @param arrival whether it came to run there
   */
  record Outcome(
      List<TimelineEntry> timeline, Optional<String> problem, boolean heard, Arrived arrival) {}

  private final String migrationId;
  private final String domain;
  private final String daemon;
  private final TransferServiceBlockingV2Stub stub;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
  private volatile boolean abandoned;
  private volatile Consumer<String> waitingFor = nobody -> {};

  /**
   * @param domain its name, for messages
   * @param daemon of the target, host:port
   */
  TargetFollower(Host host, String migrationId, String domain, String daemon) {
    this.migrationId = migrationId;
    this.domain = domain;
    this.daemon = daemon;
    this.stub = TransferServiceGrpc.newBlockingV2Stub(host.peers().channel(daemon));
  }

  /** Begins; returns at once. */
  void start() {
    Thread follower = new Thread(this::follow, "follow-" + domain);
    follower.setDaemon(true);
    follower.start();
  }

  private void follow() {
    while (!outcome.isDone() && !abandoned) {
      try {
        BlockingClientCall<?, TargetProgress> call =
            stub.follow(FollowRequest.newBuilder().setMigrationId(migrationId).build());
        for (TargetProgress next = call.read(); next != null; next = call.read()) {
          if (next.getFinished()) {
            outcome.complete(
                new Outcome(
                    next.getTimelineList(),
                    Optional.of(next.getProblem()).filter(problem -> !problem.isEmpty()),
                    true,
                    next.getDidNotArrive() ? Arrived.NO : Arrived.YES));
          } else {
            waitingFor.accept(next.getWaitingFor());
          }
        }
        pause();
      } catch (StatusException e) {
        if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
          outcome.complete(forgotten());
        }
        log.debug("{}: the target is not heard: {}", domain, e.getMessage());
        pause();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /**
   * What the target was asked for it has noted; what has ended there it knows until its own end.
   */
  private Outcome forgotten() {
    return new Outcome(
        List.of(),
        Optional.of(
            "the daemon at %s was started again when it was over, and does not know how it ended"
                .formatted(daemon)),
        true,
        Arrived.NOT_HEARD);
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_BETWEEN_CALLS.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits for the target to have given the connections back.
   *
   * @param listener hears in words why that takes long
   */
  Outcome await(Duration bound, Consumer<String> listener) throws InterruptedException {
    waitingFor = listener;
    try {
      return outcome.get(bound.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException notHeard) {
      return new Outcome(
          List.of(),
          Optional.of(
              "the daemon at %s was not heard for %d s".formatted(daemon, bound.toSeconds())),
          false,
          Arrived.NOT_HEARD);
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The VM does not come; a target that cannot be told finds out by its own bound. */
  void abandon() {
    abandoned = true;
    tell(AbandonRequest.newBuilder().setMigrationId(migrationId).build());
  }

  /** Nothing is held for the VM that comes; does not wait for the target to have heard it. */
  void comesWithOwnSockets() {
    AbandonRequest word =
        AbandonRequest.newBuilder()
            .setMigrationId(migrationId)
            .setComesWithOwnSockets(true)
            .build();
    Thread teller = new Thread(() -> tell(word), "tell-" + domain);
    teller.setDaemon(true);
    teller.start();
  }

  private void tell(AbandonRequest word) {
    try {
      stub.withDeadlineAfter(ANSWER_BOUND.toMillis(), TimeUnit.MILLISECONDS).abandon(word);
    } catch (StatusException e) {
      log.info("{}: the target could not be told: {}", domain, e.getMessage());
    }
  }
}
