package org.holdfast.migration.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Channel;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.migration.hold.HoldBounds;
import org.holdfast.migration.hold.Holdings;
import org.holdfast.migration.run.Arrival.Answer;
import org.holdfast.migration.transfer.NoTarget;
import org.holdfast.migration.transfer.Peers;
import org.holdfast.migration.transfer.TransferServer;
import org.holdfast.proto.v1.ArriveResponse.Verdict;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A domain that has arrived stands until its source has said whether it may run. */
@Timeout(60)
class ArrivalTest {
  private final Holdings holdings = new Holdings(new HoldBounds(1, 1));
  private final AtomicBoolean standsHere = new AtomicBoolean(true);
  private final CompletableFuture<String> waits = new CompletableFuture<>();
  private int port;
  private ManagedChannel channel;
  private @Nullable Server source;

  @BeforeEach
  void findPort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    channel =
        Grpc.newChannelBuilder("localhost:" + port, InsecureChannelCredentials.create()).build();
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    if (source != null) {
      source.shutdownNow();
    }
  }

  private void sourceAnswers(TransferServer.Source words) throws IOException {
    source =
        Grpc.newServerBuilderForPort(port, InsecureServerCredentials.create())
            .addService(new TransferServer(new NoTarget(), holdings, words))
            .build()
            .start();
  }

  private Arrival arrival() {
    return new Arrival(new OnePeer(), "kvm1:16550", "migration", UUID.randomUUID(), "guest");
  }

  private Answer ask() throws InterruptedException {
    return arrival().await(standsHere::get, waits::complete);
  }

  @Test
  void whatStayedWithItsSourceMustNotRun() throws Exception {
    sourceAnswers((request, caller) -> Verdict.VERDICT_STAYED);

    assertThat(ask()).isEqualTo(Answer.STAYED);
  }

  /** Otherwise the domain would stand on its target until somebody looks. */
  @Test
  void aDomainWhoseSourceCannotBeAskedIsRefusedBeforeItComes() {
    assertThatThrownBy(() -> arrival().requireAnswer("kvm2"))
        .isInstanceOfSatisfying(
            HoldfastException.class,
            refused -> {
              assertThat(refused.code()).isEqualTo(ErrorCode.HOLDER_UNREACHABLE);
              assertThat(refused.whatHappened()).contains("kvm2", "kvm1:16550", "guest");
              assertThat(refused.remedy()).contains("Let kvm2 reach kvm1:16550");
            });
  }

  @Test
  void soIsOneWhoseSourceDoesNotAnswerThisHost() throws Exception {
    sourceAnswers(
        (request, caller) -> {
          throw new HoldfastException(ErrorCode.PERMISSION_DENIED, "kvm2 is not listed.");
        });

    assertThatThrownBy(() -> arrival().requireAnswer("kvm2"))
        .hasMessageContaining("kvm2 is not listed");
  }

  @Test
  void aSourceThatAnswersAnythingWillAnswerLater() throws Exception {
    sourceAnswers((request, caller) -> Verdict.VERDICT_ASK_AGAIN);

    arrival().requireAnswer("kvm2");
  }

  @Test
  void aSourceThatDoesNotKnowYetIsAskedAgain() throws Exception {
    List<String> asked = new ArrayList<>();
    sourceAnswers(
        (request, caller) -> {
          asked.add(request.getMigrationId());
          return asked.size() < 3 ? Verdict.VERDICT_ASK_AGAIN : Verdict.VERDICT_RUN;
        });

    assertThat(ask()).isEqualTo(Answer.MAY_RUN);
    assertThat(asked).containsExactly("migration", "migration", "migration");
  }

  /** The source may run it meanwhile: only its own word tells. */
  @Test
  void whileTheSourceIsNotHeardItStands() throws Exception {
    CompletableFuture<Answer> answer = begin();
    assertThat(waits.get(20, TimeUnit.SECONDS)).contains("kvm1:16550", "might run it");
    assertThat(answer).isNotDone();

    sourceAnswers((request, caller) -> Verdict.VERDICT_STAYED);

    assertThat(answer.get(40, TimeUnit.SECONDS)).isEqualTo(Answer.STAYED);
  }

  /** Its source is dead for good: an operator has it run, and nobody is asked any more. */
  @Test
  void anOperatorMayDecideInThePlaceOfADeadSource() throws Exception {
    CompletableFuture<Answer> answer = begin();
    waits.get(20, TimeUnit.SECONDS);
    assertThat(answer).isNotDone();

    standsHere.set(false);

    assertThat(answer.get(40, TimeUnit.SECONDS)).isEqualTo(Answer.NOT_HEARD);
  }

  /** Only when nobody speaks for the domain any more may its port open. */
  @Test
  void whatIsHeldIsDroppedByTheSourceBeforeTheDomainServesWithout() throws Exception {
    List<Boolean> told = new ArrayList<>();
    sourceAnswers(
        (request, caller) -> {
          told.add(request.getClaimsNoMore());
          return Verdict.VERDICT_RUN;
        });

    arrival().claimNoMore(Duration.ofMinutes(15), () -> true);

    assertThat(told).containsExactly(true);
  }

  @Test
  void aSourceThatIsNotHeardIsWaitedForAsLongAsItMayHold() throws Exception {
    assertWaitedFor();
  }

  /** It may hold them still: only its word that they are dropped counts, or its own bound. */
  @Test
  void soIsOneThatHasNotDroppedThem() throws Exception {
    sourceAnswers((request, caller) -> Verdict.VERDICT_ASK_AGAIN);

    assertWaitedFor();
  }

  private void assertWaitedFor() throws InterruptedException {
    Duration bound = Duration.ofSeconds(2);
    long begin = System.nanoTime();

    arrival().claimNoMore(bound, () -> true);

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(bound);
  }

  /** What such a source holds is claimed as ever. */
  @Test
  void aSourceThatAnswersIsNotDeadEvenIfAnOperatorDoesNotWaitForIt() throws Exception {
    sourceAnswers((request, caller) -> Verdict.VERDICT_ASK_AGAIN);
    standsHere.set(false);

    assertThat(ask()).isEqualTo(Answer.MAY_RUN);
  }

  private CompletableFuture<Answer> begin() {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return ask();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private final class OnePeer implements Peers {
    @Override
    public Channel channel(String address) {
      return channel;
    }

    @Override
    public void connect(String address) {
      channel.resetConnectBackoff();
    }

    @Override
    public void close() {}
  }
}
