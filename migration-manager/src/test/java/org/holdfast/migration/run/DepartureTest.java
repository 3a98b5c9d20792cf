package org.holdfast.migration.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import org.holdfast.access.Caller;
import org.holdfast.api.ErrorCode;
import org.holdfast.api.HoldfastException;
import org.holdfast.libvirt.DomainState;
import org.holdfast.proto.v1.ArriveResponse.Verdict;
import org.junit.jupiter.api.Test;

/** A domain runs on one host, whatever source and target have heard of the migration's end. */
class DepartureTest {
  private static final Caller TARGET = new Caller.Certified(Set.of("kvm2"));

  /** What this host's libvirt says of the domain. */
  private enum Here {
    RUNS(DomainState.Kind.RUNNING),
    STANDS(DomainState.Kind.PAUSED),
    SHUT_OFF(DomainState.Kind.SHUT_OFF);

    private final Optional<DomainState> state;

    Here(DomainState.Kind kind) {
      this.state = Optional.of(new DomainState(kind, 0));
    }
  }

  private final Departures departures = new Departures();

  /** What is on disk of it: when the target was let run it, if it was. */
  private Optional<Instant> noted = Optional.empty();

  private Departure departing() {
    return new Departure("kvm2", when -> noted = when);
  }

  private Departure open() {
    Departure departure = departing();
    departure.open();
    return departure;
  }

  private Verdict ask(Caller caller, Here here) {
    return departures.arrived("migration", caller, () -> here.state);
  }

  @Test
  void whatTheTargetWasLetRunIsNotRolledBack() {
    Departure departure = departures.add("migration", open());

    assertThat(ask(TARGET, Here.STANDS)).isEqualTo(Verdict.VERDICT_RUN);
    assertThat(departure.stays()).isFalse();
    assertThat(ask(TARGET, Here.STANDS)).as("asked again").isEqualTo(Verdict.VERDICT_RUN);
  }

  @Test
  void whatIsRolledBackDoesNotRunOnTheTarget() {
    Departure departure = departures.add("migration", open());

    assertThat(departure.stays()).isTrue();
    assertThat(ask(TARGET, Here.STANDS)).isEqualTo(Verdict.VERDICT_STAYED);
    departure.leaves();
    assertThat(ask(TARGET, Here.SHUT_OFF)).isEqualTo(Verdict.VERDICT_STAYED);
  }

  /** libvirt took the migration for failed: the operation is about to hear of it. */
  @Test
  void whatLibvirtHasLetRunOnHereDoesNotRunOnTheTargetToo() {
    Departure departure = departures.add("migration", open());

    assertThat(ask(TARGET, Here.RUNS)).isEqualTo(Verdict.VERDICT_ASK_AGAIN);
    assertThat(departure.stays()).isTrue();
    assertThat(ask(TARGET, Here.RUNS)).isEqualTo(Verdict.VERDICT_STAYED);
  }

  @Test
  void whatTheTargetLostBeforeItRanIsRolledBackAfterAll() {
    Departure departure = departures.add("migration", open());
    ask(TARGET, Here.STANDS);

    departure.cameBack();

    assertThat(departure.stays()).isTrue();
    assertThat(ask(TARGET, Here.STANDS)).isEqualTo(Verdict.VERDICT_STAYED);
  }

  @Test
  void whenBothDecideAtOnceOneOfThemRunsIt() throws Exception {
    for (int round = 0; round < 2000; round++) {
      Departure departure = open();
      CyclicBarrier together = new CyclicBarrier(2);
      CompletableFuture<Verdict> arrived =
          CompletableFuture.supplyAsync(
              () -> {
                await(together);
                return departure.arrived(false);
              });
      await(together);
      boolean stays = departure.stays();

      assertThat(arrived.get()).isEqualTo(stays ? Verdict.VERDICT_STAYED : Verdict.VERDICT_RUN);
    }
  }

  private static void await(CyclicBarrier together) {
    try {
      together.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aDaemonThatHasJustStartedAnswersOnceItKnows() {
    Departure departure = departures.add("migration", departing());

    assertThat(ask(TARGET, Here.STANDS)).isEqualTo(Verdict.VERDICT_ASK_AGAIN);
    departure.leaves();
    assertThat(ask(TARGET, Here.STANDS)).isEqualTo(Verdict.VERDICT_RUN);
  }

  @Test
  void aTargetThatAsksBeforeTheMigrationBeginsDecidesNothing() {
    Departure departure = departures.add("migration", departing());

    assertThat(ask(TARGET, Here.STANDS)).isEqualTo(Verdict.VERDICT_ASK_AGAIN);
    assertThat(departure.stays()).isTrue();
  }

  /** Else a daemon that starts in that moment would roll back what the target runs. */
  @Test
  void whatTheTargetIsLetRunIsNotedBeforeItHearsOfIt() {
    departures.add("migration", open());
    ask(TARGET, Here.STANDS);
    Departure afterwards = departures.add("migration", departing());
    afterwards.recall(noted.orElseThrow());

    assertThat(afterwards.stays()).isFalse();
    assertThat(ask(TARGET, Here.STANDS)).isEqualTo(Verdict.VERDICT_RUN);
    afterwards.cameBack();
    assertThat(noted).as("noted, once it never ran there").isEmpty();
  }

  @Test
  void theBoundForItsConnectionsBeginsWhenItIsLetGoAndOutlivesTheDaemon() {
    Departure departure = departures.add("migration", open());
    Duration bound = Duration.ofMinutes(15);
    assertThat(departure.remaining(bound)).isEqualTo(bound);
    ask(TARGET, Here.STANDS);
    assertThat(departure.remaining(bound)).isLessThan(bound);

    Departure afterwards = departing();
    afterwards.recall(Instant.now().minus(Duration.ofMinutes(5)));
    assertThat(afterwards.remaining(bound))
        .isBetween(Duration.ofMinutes(9), Duration.ofMinutes(10));
    assertThat(afterwards.remaining(Duration.ofMinutes(1))).isZero();
  }

  @Test
  void whereNothingIsKnownAnyMoreTheDomainItselfTells() {
    assertThat(ask(TARGET, Here.RUNS)).isEqualTo(Verdict.VERDICT_STAYED);
    assertThat(ask(TARGET, Here.STANDS)).isEqualTo(Verdict.VERDICT_STAYED);
    assertThat(ask(TARGET, Here.SHUT_OFF)).isEqualTo(Verdict.VERDICT_RUN);
    assertThat(departures.arrived("migration", TARGET, Optional::empty))
        .isEqualTo(Verdict.VERDICT_RUN);
  }

  /** It could have connections dropped that another host is about to claim. */
  @Test
  void onlyTheTargetThatRunsItGivesUpItsConnections() {
    departures.add("migration", open());
    assertThat(departures.isTargetOf("migration", TARGET)).as("before it was let run").isFalse();
    ask(TARGET, Here.STANDS);

    assertThat(departures.isTargetOf("migration", TARGET)).isTrue();
    assertThat(departures.isTargetOf("migration", new Caller.Certified(Set.of("kvm3")))).isFalse();
    assertThat(departures.isTargetOf("another", TARGET)).isFalse();
  }

  @Test
  void noOtherHostAsksInTheTargetsPlace() {
    Departure departure = departures.add("migration", open());

    assertThatThrownBy(() -> ask(new Caller.Certified(Set.of("kvm3")), Here.STANDS))
        .isInstanceOfSatisfying(
            HoldfastException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.PERMISSION_DENIED));
    assertThat(departure.stays()).as("rolled back all the same").isTrue();
  }
}
