package org.holdfast.migration.run;

import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.migration.transfer.Peers;
import org.holdfast.proto.v1.ArriveRequest;
import org.holdfast.proto.v1.ArriveResponse.Verdict;
import org.holdfast.proto.v1.PrepareRequest;
import org.holdfast.proto.v1.TransferServiceGrpc;
import org.holdfast.proto.v1.TransferServiceGrpc.TransferServiceBlockingV2Stub;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A domain has arrived here, and stands: asks its source whether it may run. While the source is
 * not heard it stands on, since the source may run it itself; an operator who knows that the source
 * is dead continues it by hand.
 */
final class Arrival {
  private static final Logger log = LoggerFactory.getLogger(Arrival.class);
  private static final Duration ANSWER_BOUND = Duration.ofSeconds(2);

  /** A connection to a source that was not spoken to for long takes a while. */
  private static final Duration FIRST_ANSWER_BOUND = Duration.ofSeconds(5);

  private static final Duration PAUSE_BETWEEN_CALLS = Duration.ofMillis(250);

  /** What became of the question. */
  enum Answer {
    MAY_RUN,
    STAYED,
    /**
     * It does not stand here any more: an operator has decided instead of a source that is dead.
     */
    NOT_HEARD
  }

  private final Peers peers;
  private final TransferServiceBlockingV2Stub stub;
  private final ArriveRequest request;
  private final String domain;
  private final String source;
  private @Nullable Code told;
  private boolean heard;

  /**
   * @param source the daemon that announced it, host:port
   * @param domain its name, for messages
   */
  Arrival(Peers peers, String source, String migrationId, UUID uuid, String domain) {
    this.peers = peers;
    this.stub = TransferServiceGrpc.newBlockingV2Stub(peers.channel(source));
    this.request =
        ArriveRequest.newBuilder()
            .setMigrationId(migrationId)
            .setDomainUuid(uuid.toString())
            .build();
    this.domain = domain;
    this.source = source;
  }

  /** Of what a source has announced. */
  static Arrival of(Peers peers, PrepareRequest announced, UUID domain) {
    return new Arrival(
        peers,
        announced.getHolder(),
        announced.getMigrationId(),
        domain,
        announced.getDomainName());
  }

  /**
   * Asks once, before anything has come: one whose source cannot be asked would stand for ever.
   *
   * @throws HoldfastException HOLDER_UNREACHABLE with what to do about it
   */
  void requireAnswer(String here) {
    try {
      peers.connect(source);
      stub.withWaitForReady()
          .withDeadlineAfter(FIRST_ANSWER_BOUND.toMillis(), TimeUnit.MILLISECONDS)
          .arrive(request);
    } catch (StatusException e) {
      if (e.getStatus().getCode() == Code.UNIMPLEMENTED) {
        return;
      }
      throw new HoldfastException(
          ErrorCode.HOLDER_UNREACHABLE,
          "Host %s cannot ask its source's daemon at %s, which must let domain %s run there: %s."
              .formatted(here, source, domain, reason(e.getStatus())),
          "Let %s reach %s, and see that access.hosts in the source's holdfastd.yaml, if it is set, names it."
              .formatted(here, source),
          e);
    }
  }

  private static String reason(Status status) {
    return status.getCode() == Code.DEADLINE_EXCEEDED
        ? "there was no answer within %d s".formatted(FIRST_ANSWER_BOUND.toSeconds())
        : status.getCode() + ", " + status.getDescription();
  }

  /**
   * Asks until there is an answer.
   *
   * @param standsHere whether there is still something to be asked for: the domain is here, paused
   * @param waitingFor hears in words why that takes long
   * @throws InterruptedException if the thread was
   */
  Answer await(BooleanSupplier standsHere, Consumer<String> waitingFor)
      throws InterruptedException {
    Verdict verdict = ask(waitingFor);
    while (!isFinal(verdict) && standsHere.getAsBoolean()) {
      Thread.sleep(PAUSE_BETWEEN_CALLS.toMillis());
      verdict = ask(waitingFor);
    }
    return switch (verdict) {
      case VERDICT_RUN -> Answer.MAY_RUN;
      case VERDICT_STAYED -> Answer.STAYED;
      default -> heard ? Answer.MAY_RUN : Answer.NOT_HEARD; // it runs: an operator's word
    };
  }

  /**
   * The domain runs here and its connections cannot be given back: asks its source to drop what it
   * holds.
   *
   * @param bound a source that is not heard has dropped it by itself after this
   * @param isHere whether the domain still is
   * @return when nothing is held any more
   * @throws InterruptedException if the thread was
   */
  void claimNoMore(Duration bound, BooleanSupplier isHere) throws InterruptedException {
    ArriveRequest word = request.toBuilder().setClaimsNoMore(true).build();
    long deadline = System.nanoTime() + bound.toNanos();
    while (isHere.getAsBoolean() && System.nanoTime() < deadline) {
      try {
        Verdict verdict =
            stub.withDeadlineAfter(ANSWER_BOUND.toMillis(), TimeUnit.MILLISECONDS)
                .arrive(word)
                .getVerdict();
        if (verdict == Verdict.VERDICT_RUN) {
          return;
        }
      } catch (StatusException e) {
        log.debug("{}: its source is not heard: {}", domain, e.getStatus());
        peers.connect(source);
      }
      Thread.sleep(PAUSE_BETWEEN_CALLS.toMillis());
    }
  }

  private static boolean isFinal(Verdict verdict) {
    return verdict == Verdict.VERDICT_RUN || verdict == Verdict.VERDICT_STAYED;
  }

  private Verdict ask(Consumer<String> waitingFor) {
    try {
      Verdict verdict =
          stub.withDeadlineAfter(ANSWER_BOUND.toMillis(), TimeUnit.MILLISECONDS)
              .arrive(request)
              .getVerdict();
      heard = true;
      return verdict;
    } catch (StatusException e) {
      heard = false;
      if (e.getStatus().getCode() == Code.UNIMPLEMENTED) {
        return Verdict.VERDICT_RUN; // a daemon of before there was this question
      }
      String problem =
          "The daemon at %s does not say whether the domain may run here, and its host might run it: %s."
              .formatted(source, e.getStatus());
      waitingFor.accept(problem);
      if (e.getStatus().getCode() != told) {
        log.warn(
            "{}: {} If that host is dead, \"virsh resume\" lets the domain run.", domain, problem);
        told = e.getStatus().getCode();
      }
      peers.connect(source);
      return Verdict.VERDICT_ASK_AGAIN;
    }
  }
}
