package org.holdfast.migration.converge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.holdfast.api.TakeoverMoment;
import org.holdfast.api.TakeoverMoment.Kind;
import org.holdfast.migration.converge.SimulatedJob.Taken;
import org.holdfast.migration.converge.TakeoverTrigger.Action;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TakeoverTriggerTest {
  private static final TakeoverMoment EARLY = new TakeoverMoment(Kind.EARLY, 0);
  private static final TakeoverMoment LATE = new TakeoverMoment(Kind.LATE, 0);

  /** Rests: a few timers and daemons. */
  private static final SimulatedJob IDLE = new SimulatedJob(16_384, 1100, 1, 4);

  /** Each pass is a third of the one before. */
  private static final SimulatedJob CONVERGING = new SimulatedJob(16_384, 1100, 370, 8192);

  /** Stores faster than the link carries. */
  private static final SimulatedJob ENDLESS = new SimulatedJob(16_384, 1100, 3000, 8192);

  /** One whose memory is sent in a second. */
  private static final SimulatedJob SMALL = new SimulatedJob(512, 450, 40, 100);

  @Test
  void aJobThatTellsNothingYetGoesOn() {
    TakeoverTrigger trigger = unmeasured(EARLY);
    assertThat(trigger.advise(Optional.empty()).action()).isEqualTo(Action.GO_ON);
    JobSample nothing = new JobSample(Duration.ZERO, 0, 0, 0, 0);
    assertThat(trigger.advise(Optional.of(nothing)).action()).isEqualTo(Action.GO_ON);
  }

  @Test
  void aSmallGuestIsTakenOverNearTheEndOfTheFirstPass() {
    Taken taken = SMALL.takenOver(TakeoverMoment.AUTO).orElseThrow();

    assertThat(taken.iteration()).isEqualTo(1);
    assertThat(taken.after()).isBetween(Duration.ofMillis(950), Duration.ofMillis(1150));
  }

  @Test
  void aGuestThatConvergesIsTakenOverWhenLittleIsLeft() {
    Taken late = CONVERGING.takenOver(LATE).orElseThrow();

    assertThat(late.iteration()).isGreaterThan(3);
    assertThat(late.brownout()).isLessThan(Duration.ofMillis(400));
  }

  /** Peers would wait for the second pass, five seconds of it. */
  @Test
  void whoNamesNoMomentDoesNotWaitForPassesThatGetShorter() {
    Taken auto = CONVERGING.takenOver(TakeoverMoment.AUTO).orElseThrow();
    Taken unmeasured = CONVERGING.takenOverUnmeasured(TakeoverMoment.AUTO).orElseThrow();

    assertThat(auto.brownout()).isLessThan(Duration.ofMillis(400));
    assertThat(unmeasured.iteration()).isEqualTo(1);
    assertThat(unmeasured.brownout()).isGreaterThan(Duration.ofSeconds(5));
  }

  /** It was measured in a quiet second. */
  @Test
  void aGuestThatSeemedToConvergeIsTakenOverOnceItIsSeenNotTo() {
    SimulatedJob seemed = new SimulatedJob(16_384, 1100, 1000, 8192);
    TakeoverTrigger trigger =
        new TakeoverTrigger(TakeoverMoment.AUTO, () -> OptionalLong.of(300L << 20));

    assertThat(seemed.takenOver(trigger).orElseThrow().iteration()).isEqualTo(3);
  }

  @Test
  void aGuestThatDoesNotConvergeIsTakenOverAsSoonAsThatIsKnown() {
    Taken auto = ENDLESS.takenOver(TakeoverMoment.AUTO).orElseThrow();
    Taken late = ENDLESS.takenOver(LATE).orElseThrow();

    assertThat(auto.iteration()).isEqualTo(1);
    assertThat(late.iteration()).isEqualTo(5);
  }

  /** A takeover that comes too late never comes: QEMU has switched over. */
  @ParameterizedTest
  @MethodSource("everyMoment")
  void noGuestIsThroughBeforeItsTakeover(TakeoverMoment moment) {
    for (SimulatedJob job : Stream.of(IDLE, CONVERGING, ENDLESS, SMALL).toList()) {
      assertThat(job.takenOver(moment)).as("%s, %s", job, moment).isPresent();
      assertThat(job.takenOverUnmeasured(moment)).as("%s, %s", job, moment).isPresent();
    }
    for (int rate = 10; rate < 4000; rate *= 2) {
      for (int dirtied = 1; dirtied < 300; dirtied *= 3) {
        SimulatedJob job = new SimulatedJob(4096, rate, dirtied, 50);
        assertThat(job.takenOver(moment)).as("%s, %s", job, moment).isPresent();
      }
    }
  }

  static Stream<TakeoverMoment> everyMoment() {
    return Stream.concat(
        Stream.of(TakeoverMoment.AUTO, EARLY, LATE),
        Stream.of(1, 2, 3, 9).map(TakeoverTriggerTest::atIteration));
  }

  /** Zeros pass at 25 GB/s: a hundred mebibytes are gone between two looks. */
  @Test
  void zerosAtTheEndDoNotOvertakeTheTakeover() throws IOException {
    TakeoverTrigger trigger = unmeasured(TakeoverMoment.AUTO);
    JobSample taken =
        recorded("idle-guest.txt").stream()
            .filter(look -> trigger.advise(Optional.of(look)).action() == Action.TAKE_OVER)
            .findFirst()
            .orElseThrow();

    assertThat(taken.memoryRemainingBytes()).isBetween(128L << 20, 256L << 20);
  }

  private static List<JobSample> recorded(String name) throws IOException {
    try (InputStream trace =
        Objects.requireNonNull(TakeoverTriggerTest.class.getResourceAsStream(name))) {
      return new String(trace.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> Stream.of(line.split(" ")).mapToLong(Long::parseLong).toArray())
          .map(
              look ->
                  new JobSample(
                      Duration.ofMillis(look[0]), look[1], look[2], (int) look[3], look[4]))
          .toList();
    }
  }

  @Test
  void anIdleGuestDoesNotWaitLong() {
    Taken taken = IDLE.takenOver(TakeoverMoment.AUTO).orElseThrow();

    assertThat(taken.brownout()).isLessThan(Duration.ofMillis(100));
    assertThat(taken.after()).isLessThan(Duration.ofMillis(16_384_000 / 1100 + 6000));
  }

  /** Who chooses a long brownout wants something done in it. */
  @Test
  void applicationsStandOnOnlyWhereTheVmIsOnTheTargetAtOnce() {
    assertThat(unmeasured(TakeoverMoment.AUTO).standing()).isPositive();
    assertThat(unmeasured(LATE).standing()).isPositive();
    assertThat(unmeasured(EARLY).standing()).isZero();
    assertThat(unmeasured(atIteration(2)).standing()).isZero();
  }

  @Test
  void whoNamesAMomentGetsIt() {
    assertThat(CONVERGING.takenOver(EARLY).orElseThrow().after()).isZero();
    assertThat(CONVERGING.takenOver(atIteration(1)).orElseThrow().after()).isZero();
    assertThat(CONVERGING.takenOver(atIteration(4)).orElseThrow().iteration()).isEqualTo(4);
    assertThat(IDLE.takenOver(atIteration(4)).orElseThrow().iteration()).isEqualTo(2);
  }

  private static TakeoverTrigger unmeasured(TakeoverMoment moment) {
    return new TakeoverTrigger(moment, OptionalLong::empty);
  }

  private static TakeoverMoment atIteration(int iteration) {
    return new TakeoverMoment(Kind.AT_ITERATION, iteration);
  }
}
