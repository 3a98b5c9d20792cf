package org.holdfast.migration.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

  private Verdict ask(Caller caller, Here here) {
    return departures.arrived("migration", caller, () -> here.state);
  }

  @Test
  void whatTheTargetWasLetRunIsNotRolledBack() {
    Departure departure = departures.add("migration", Departure.open("kvm2"));

    assertThat(ask(TARGET, Here.STANDS)).isEqualTo(Verdict.VERDICT_RUN);
    assertThat(departure.stays()).isFalse();
    assertThat(ask(TARGET, Here.STANDS)).as("asked again").isEqualTo(Verdict.VERDICT_RUN);
  }

  @Test
  void whatIsRolledBackDoesNotRunOnTheTarget() {
    Departure departure = departures.add("migration", Departure.open("kvm2"));

    assertThat(departure.stays()).isTrue();
    assertThat(ask(TARGET, Here.STANDS)).isEqualTo(Verdict.VERDICT_STAYED);
    departure.leaves();
    assertThat(ask(TARGET, Here.SHUT_OFF)).isEqualTo(Verdict.VERDICT_STAYED);
  }

  /** libvirt took the migration for failed: the operation is about to hear of it. */
  @Test
  void whatLibvirtHasLetRunOnHereDoesNotRunOnTheTargetToo() {
    Departure departure = departures.add("migration", Departure.open("kvm2"));

    assertThat(ask(TARGET, Here.RUNS)).isEqualTo(Verdict.VERDICT_ASK_AGAIN);
    assertThat(departure.stays()).isTrue();
    assertThat(ask(TARGET, Here.RUNS)).isEqualTo(Verdict.VERDICT_STAYED);
  }

  @Test
  void whatTheTargetLostBeforeItRanIsRolledBackAfterAll() {
    Departure departure = departures.add("migration", Departure.open("kvm2"));
    ask(TARGET, Here.STANDS);

    departure.cameBack();

    assertThat(departure.stays()).isTrue();
    assertThat(ask(TARGET, Here.STANDS)).isEqualTo(Verdict.VERDICT_STAYED);
  }

  @Test
  void whenBothDecideAtOnceOneOfThemRunsIt() throws Exception {
    for (int round = 0; round < 2000; round++) {
      Departure departure = Departure.open("kvm2");
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
    Departure departure = departures.add("migration", Departure.notKnownYet("kvm2"));

    assertThat(ask(TARGET, Here.STANDS)).isEqualTo(Verdict.VERDICT_ASK_AGAIN);
    departure.leaves();
    assertThat(ask(TARGET, Here.STANDS)).isEqualTo(Verdict.VERDICT_RUN);
  }

  @Test
  void whereNothingIsKnownAnyMoreTheDomainItselfTells() {
    assertThat(ask(TARGET, Here.RUNS)).isEqualTo(Verdict.VERDICT_STAYED);
    assertThat(ask(TARGET, Here.STANDS)).isEqualTo(Verdict.VERDICT_STAYED);
    assertThat(ask(TARGET, Here.SHUT_OFF)).isEqualTo(Verdict.VERDICT_RUN);
    assertThat(departures.arrived("migration", TARGET, Optional::empty))
        .isEqualTo(Verdict.VERDICT_RUN);
  }

  @Test
  void noOtherHostAsksInTheTargetsPlace() {
    Departure departure = departures.add("migration", Departure.open("kvm2"));

    assertThatThrownBy(() -> ask(new Caller.Certified(Set.of("kvm3")), Here.STANDS))
        .isInstanceOfSatisfying(
            HoldfastException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.PERMISSION_DENIED));
    assertThat(departure.stays()).as("rolled back all the same").isTrue();
  }
}
