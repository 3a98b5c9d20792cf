package org.holdfast.lab.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class VerdictsTest {
  private static final Phase FIRST = new Phase("first", at(10_000), at(14_000), at(15_000));
  private static final Phase SECOND = new Phase("second", at(20_000), at(24_000), at(25_000));

  @Test
  void aConnectionThatGoesOnIsKeptWithTheBytesOfThePhase() {
    ConnectionVerdict verdict =
        judge(
            progress(9_900, 1_000, 60),
            progress(12_000, 3_500, 80),
            progress(14_900, 5_000, 70),
            progress(15_400, 6_000, 70),
            progress(30_000, 9_000, 70),
            ended(30_100));

    assertThat(verdict.fate()).isEqualTo(Fate.KEPT);
    assertThat(verdict.bytesVerified()).isEqualTo(4_000);
    assertThat(verdict.longestSilence()).isEqualTo(Duration.ofMillis(80));
  }

  @Test
  void aSilenceCountsOnlyAsFarAsItLiesInThePhase() {
    ConnectionVerdict verdict =
        judge(silence(9_500, 10_700), silence(12_000, 12_300), progress(30_000, 1, 10));

    assertThat(verdict.longestSilence()).isEqualTo(Duration.ofMillis(700));
  }

  @Test
  void aLossBetweenTwoPhasesIsTheFirstOnesDoing() {
    List<PhaseVerdict> verdicts =
        Verdicts.of(List.of(FIRST, SECOND), List.of(history(progress(14_500, 1, 5), lost(17_000))));

    assertThat(verdicts.get(0).kept()).isZero();
    assertThat(verdicts.get(0).lost()).isOne();
    assertThat(verdicts.get(0).connections().get(0).words()).isEqualTo("reset (ECONNRESET)");
    assertThat(verdicts.get(1).of()).isZero();
  }

  @Test
  void aLossInTheSecondPhaseLeavesTheFirstInPeace() {
    List<PhaseVerdict> verdicts =
        Verdicts.of(List.of(FIRST, SECOND), List.of(history(progress(22_000, 1, 5), lost(23_000))));

    assertThat(verdicts.get(0).kept()).isOne();
    assertThat(verdicts.get(1).kept()).isZero();
    assertThat(verdicts.get(1).connections().get(0).longestSilence())
        .isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void aConnectionWithoutAnyErrorIsStillNotKeptIfNothingComes() {
    ConnectionVerdict verdict = judge(progress(10_500, 1_000, 60));

    assertThat(verdict.fate()).isEqualTo(Fate.SILENT);
    assertThat(verdict.fate().good()).isFalse();
    assertThat(verdict.longestSilence()).isEqualTo(Duration.ofMillis(4_500));
  }

  @Test
  void workDoneWithinThePhaseIsCompletedAndItsEndIsNoSilence() {
    ConnectionVerdict verdict =
        judge(progress(10_400, 10, 60), progress(10_800, 100, 60), ended(10_900));

    assertThat(verdict.fate()).isEqualTo(Fate.COMPLETED);
    assertThat(verdict.longestSilence()).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void aConnectionThatEndedBeforeOrOpenedLaterIsNotOfThePhase() {
    ConnectionHistory before = history(progress(5_000, 1, 5), ended(9_000));
    ConnectionHistory later =
        new ConnectionHistory(
            new LoadEvent.Opened(at(11_000), "late", ClientKind.STREAM, "a", "b", ""));

    assertThat(Verdicts.of(List.of(FIRST), List.of(before, later)).get(0).of()).isZero();
  }

  @Test
  void findingsCountWhereTheyWereMade() {
    ConnectionHistory history =
        history(
            new LoadEvent.Corruption(at(12_000), "stream-00", "block 7 differs"),
            new LoadEvent.Corruption(at(22_000), "stream-00", "block 8 is missing"),
            progress(30_000, 5, 5));
    List<PhaseVerdict> verdicts = Verdicts.of(List.of(FIRST, SECOND), List.of(history));

    assertThat(verdicts.get(0).corrupted()).isOne();
    assertThat(verdicts.get(1).connections().get(0).findings())
        .containsExactly("block 8 is missing");
    assertThat(verdicts.get(0).complaints()).hasSize(1);
  }

  @Test
  void theStallIsTheEchoProbesSilenceAlone() {
    ConnectionHistory echo =
        new ConnectionHistory(
            new LoadEvent.Opened(at(1_000), "echo", ClientKind.ECHO, "a", "b", ""));
    echo.add(new LoadEvent.Silence(at(12_000), "echo", at(12_090)));
    echo.add(new LoadEvent.Progress(at(30_000), "echo", 5, 5, Duration.ofMillis(7)));
    ConnectionHistory stream = history(silence(12_000, 12_500), progress(30_000, 5, 5));
    PhaseVerdict verdict = Verdicts.of(List.of(FIRST), List.of(echo, stream)).get(0);

    assertThat(verdict.stall()).isEqualTo(Duration.ofMillis(90));
    assertThat(verdict.longestSilence(any -> true)).isEqualTo(Duration.ofMillis(500));
  }

  @Test
  void whatIsForgottenBetweenTwoPhasesChangesNeither() {
    ConnectionHistory history =
        history(progress(9_900, 1_000, 60), silence(12_000, 12_300), progress(14_900, 5_000, 70));
    ConnectionVerdict first = verdict(FIRST, history);
    assertThat(first.bytesVerified()).isEqualTo(4_000);
    assertThat(first.longestSilence()).isEqualTo(Duration.ofMillis(300));

    history.forgetProgress();
    assertThat(history.lastReceipt()).isEqualTo(at(14_900));
    assertThat(history.silences()).hasSize(1);
    history.add(progress(22_000, 8_000, 40));
    history.add(progress(24_900, 9_000, 50));

    ConnectionVerdict second = verdict(SECOND, history);
    assertThat(second.fate()).isEqualTo(Fate.KEPT);
    assertThat(second.bytesVerified()).isEqualTo(4_000);
    assertThat(second.longestSilence()).isEqualTo(Duration.ofMillis(100));
  }

  private static ConnectionVerdict verdict(Phase phase, ConnectionHistory history) {
    return Verdicts.of(List.of(phase), List.of(history)).get(0).connections().get(0);
  }

  private static ConnectionVerdict judge(LoadEvent.OfConnection... events) {
    return Verdicts.of(List.of(FIRST), List.of(history(events))).get(0).connections().get(0);
  }

  private static ConnectionHistory history(LoadEvent.OfConnection... events) {
    ConnectionHistory history =
        new ConnectionHistory(
            new LoadEvent.Opened(at(1_000), "stream-00", ClientKind.STREAM, "a", "b", ""));
    for (LoadEvent.OfConnection event : events) {
      history.add(event);
    }
    return history;
  }

  private static Instant at(long millis) {
    return Instant.ofEpochMilli(millis);
  }

  private static LoadEvent.Progress progress(long time, long bytes, long gapMillis) {
    return new LoadEvent.Progress(at(time), "stream-00", bytes, 1, Duration.ofMillis(gapMillis));
  }

  private static LoadEvent.Silence silence(long from, long until) {
    return new LoadEvent.Silence(at(from), "stream-00", at(until));
  }

  private static LoadEvent.Lost lost(long time) {
    return new LoadEvent.Lost(at(time), "stream-00", "reset (ECONNRESET)");
  }

  private static LoadEvent.Ended ended(long time) {
    return new LoadEvent.Ended(at(time), "stream-00", "all right");
  }
}
