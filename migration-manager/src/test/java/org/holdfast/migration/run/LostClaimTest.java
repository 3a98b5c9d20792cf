package org.holdfast.migration.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.migration.hold.Claim;
import org.holdfast.migration.hold.HoldBounds;
import org.holdfast.migration.hold.Holder;
import org.holdfast.migration.hold.Holding;
import org.holdfast.migration.hold.Holdings;
import org.holdfast.migration.state.MigrationState;
import org.holdfast.migration.transfer.NoTarget;
import org.holdfast.migration.transfer.RemoteHolder;
import org.holdfast.migration.transfer.TransferServer;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.Outcome;
import org.holdfast.takeover.TakeoverNamespace.Stage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The network between two hosts breaks in the middle of a claim: never do both the copies and the
 * VM speak, and nothing is lost.
 */
@Tag("kernel")
@Timeout(120)
class LostClaimTest {
  private static final String NAME = "holder:16550";

  @TempDir private Path directory;
  private final Holdings holdings = new Holdings(new HoldBounds(100, 1 << 20));
  private final List<ManagedChannel> channels = new ArrayList<>();
  private Server server;
  private StagedHolding held;

  @BeforeEach
  void holdAndServe() throws IOException {
    server =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .addService(new TransferServer(new NoTarget(), holdings, NoTarget::run))
            .build()
            .start();
    held = new StagedHolding(holdings, NAME, directory);
  }

  @AfterEach
  void close() throws IOException {
    channels.forEach(ManagedChannel::shutdownNow);
    server.shutdownNow();
    held.close();
  }

  private Holder holder() {
    ManagedChannel channel =
        Grpc.newChannelBuilder("localhost:" + server.getPort(), InsecureChannelCredentials.create())
            .build();
    channels.add(channel);
    return new RemoteHolder(channel, NAME);
  }

  private void cutNetwork() {
    channels.forEach(ManagedChannel::shutdownNow);
  }

  @Test
  void onceTheTargetKnowsAllTheCopiesStaySilentUntilItClaimsAgain() throws Exception {
    Claim lost = holder().claim(held.ticket(), held.domain());
    lost.take(reached -> {});
    cutNetwork();
    List<Stage> stages = new ArrayList<>();
    List<LedgerEntry> ledger =
        claimAgain(
            (ticket, domain) -> {
              Claim granted = holder().claim(ticket, domain);
              stages.add(held.stage());
              return granted;
            });

    assertThat(stages).containsExactly(Stage.PARKING);
    assertThat(ledger).hasSize(2).allMatch(entry -> entry.getOutcome() == Outcome.OUTCOME_KEPT);
    assertThat(held.state()).isEqualTo(MigrationState.COMPLETED);
  }

  /** The holder finds out only after a while that the first claim is broken. */
  private List<LedgerEntry> claimAgain(Holder holder) throws InterruptedException {
    while (true) {
      try {
        return held.giveBack(holder);
      } catch (HoldfastException notYet) {
        assertThat(notYet.code()).isEqualTo(ErrorCode.ALREADY_MIGRATING);
        Thread.sleep(20);
      }
    }
  }

  @Test
  void aHoldingThatKnowsOfNoClaimEndsAllTheSameWhenTheGuestIsServed() {
    assertThat(held.state()).isEqualTo(MigrationState.HOLDING);
    held.holding().servedElsewhere();

    assertThat(held.state()).isEqualTo(MigrationState.COMPLETED);
    assertThat(held.stage()).isEqualTo(Stage.CLOSED);
  }

  @Test
  void whatTheTargetSaysLaterEndsTheSilence() throws Exception {
    Claim lost = holder().claim(held.ticket(), held.domain());
    lost.take(reached -> {});
    cutNetwork();
    held.holding().servedElsewhere();

    assertThat(held.holding().ledger())
        .hasSize(2)
        .allMatch(entry -> entry.getOutcome() == Outcome.OUTCOME_KEPT);
    assertThat(held.state()).isEqualTo(MigrationState.COMPLETED);
    assertThatThrownBy(() -> holder().claim(held.ticket(), held.domain()))
        .isInstanceOfSatisfying(
            HoldfastException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.NOTHING_HELD));
  }

  @Test
  void aTargetThatGivesUpLetsTheCopiesAnswerAgain() throws Exception {
    try (Claim given = holder().claim(held.ticket(), held.domain())) {
      given.take(reached -> {});
      assertThat(held.stage()).isEqualTo(Stage.PARKING);
    }
    assertThat(held.stage()).isEqualTo(Stage.OPEN);
    assertThat(held.state()).isEqualTo(MigrationState.HOLDING);
    assertThat(claimAgain(holder())).hasSize(2);
  }

  @Test
  void aTargetThatWasCutOffBeforeItKnewAllCannotSpeakSoTheCopiesGoOn() throws Exception {
    holder().claim(held.ticket(), held.domain());
    cutNetwork();

    assertThat(held.stage()).isEqualTo(Stage.OPEN);
    assertThat(claimAgain(holder())).hasSize(2);
  }

  /** The copies have nothing to say any more, and the ledger does not claim what nobody saw. */
  @Test
  void aTargetThatIsNotHeardAfterItOpenedKeepsItsVm() throws Exception {
    Claim claim = holder().claim(held.ticket(), held.domain());
    claim.take(reached -> {});
    claim.opening();
    claim.opened(frame -> {});
    await(this::holderHasHeardOfTheOpening);
    cutNetwork();

    await(() -> held.state() == MigrationState.FAILED);
    assertThat(held.stage()).isEqualTo(Stage.CLOSED);
    assertThat(held.holding().ledger())
        .hasSize(2)
        .allMatch(entry -> entry.getOutcome() == Outcome.OUTCOME_NOT_CONFORMED);
  }

  private boolean holderHasHeardOfTheOpening() {
    return held.holding().timeline().entries().stream()
        .anyMatch(entry -> entry.getName().equals(Holding.BLACKOUT_GIVE_BACK));
  }

  /** As long as the test's own bound lets it. */
  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(10);
    }
  }

  /** From the open port on the guest needs its holder no more: its applications must not wait. */
  @Test
  void aHolderThatIsNotHeardAfterTheOpeningKeepsNobodyFrozen() {
    assertThat(held.giveBack(new CutAtOpening(holdings))).isEmpty();

    assertThat(held.guestIsReleased()).isTrue();
    assertThat(held.stage()).isEqualTo(Stage.PARKING);
  }

  /** Its sockets have everything, and the agent that follows lets their owners run. */
  @Test
  void anAgentThatDiesAfterTheOpeningCostsNoConnection() {
    Holder dying =
        (ticket, domain) ->
            Broken.before(
                Claim.class, "opened", holdings.claim(ticket, domain), () -> held.hangUp());
    assertThatThrownBy(() -> held.giveBack(dying))
        .isInstanceOfSatisfying(
            HoldfastException.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.AGENT_SILENT));

    assertThat(held.state()).isEqualTo(MigrationState.COMPLETED);
    assertThat(held.holding().ledger())
        .hasSize(2)
        .allMatch(entry -> entry.getOutcome() == Outcome.OUTCOME_KEPT);
  }

  private record CutAtOpening(Holder holder) implements Holder {
    @Override
    public Claim claim(org.holdfast.proto.agent.v1.Ticket ticket, UUID domain) {
      return Broken.at(
          Claim.class,
          "opened",
          holder.claim(ticket, domain),
          new HoldfastException(ErrorCode.HOLDER_UNREACHABLE, "the cable is cut"));
    }
  }
}
