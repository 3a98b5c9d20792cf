package org.holdfast.lab.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EventLogTest {
  private static final String OPENED =
      "O\t1795248137100001\tstream-03\tSTREAM\t[fd77::20]:54124\t[fd77::10]:7001\tTCP_USER_TIMEOUT";

  @Test
  void readsEveryKindOfLine() {
    EventLog log = new EventLog();
    List.of(
            OPENED,
            "P\t1795248138100001\tstream-03\t28160\t20\t63000",
            "S\t1795248139100001\tstream-03\t1795248139400001",
            "C\t1795248140100001\tstream-03\tstream 0x3: block 4 differs",
            "E\t1795248141100001\tstream-03\tboth sides verified",
            "T\t1795248138100000\t70400",
            "X\t1795248141200000\tpsql: it broke",
            "Z\t1795248141300000")
        .forEach(line -> log.add(EventParser.parse(line)));

    ConnectionHistory history = log.histories().iterator().next();
    assertThat(history.opened().kind()).isEqualTo(ClientKind.STREAM);
    assertThat(history.opened().time())
        .isEqualTo(Instant.EPOCH.plus(1795248137100001L, ChronoUnit.MICROS));
    assertThat(history.silences())
        .singleElement()
        .satisfies(
            silence ->
                assertThat(Duration.between(silence.time(), silence.until()))
                    .isEqualTo(Duration.ofMillis(300)));
    assertThat(history.corruptions()).hasSize(1);
    assertThat(history.ended()).isPresent();
    assertThat(log.rates()).hasSize(1);
    assertThat(log.failures()).containsExactly("psql: it broke");
    assertThat(log.allEnded()).isTrue();
  }

  @Test
  void aSecondOpeningIsAFailureOfTheLoad() {
    EventLog log = new EventLog();
    log.add(EventParser.parse(OPENED));
    log.add(EventParser.parse(OPENED));

    assertThat(log.failures()).containsExactly("stream-03 was opened a second time");
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    for (String line :
        List.of("", "Q\t1\tx", "P\t1\tx\tmany\t1\t1", "S\t1", "O\t1\tx\tFAX\ta\tb\tc")) {
      assertThatExceptionOfType(LoadException.class)
          .isThrownBy(() -> EventParser.parse(line))
          .satisfies(e -> assertThat(e.code()).isEqualTo(LoadException.Code.EVENTS_UNREADABLE));
    }
  }
}
