package org.holdfast.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.holdfast.api.Ledgers;
import org.holdfast.proto.connection.v1.TcpState;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.proto.v1.OperationProgress;
import org.holdfast.proto.v1.Outcome;
import org.holdfast.proto.v1.Phase;
import org.holdfast.proto.v1.TimelineEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TablesTest {
  @Test
  void theLedgerNamesEveryConnectionAndSumsThemUp() {
    assertThat(LedgerTable.render(Ledgers.report().getLedgerList()))
        .isEqualTo(
            """
             Local             Peer                State        Outcome      Acknowledged  Delivered  Owner              Reason
            ------------------------------------------------------------------------------------------------------------------------------------
             10.0.0.5:6379     10.0.0.9:51234      ESTABLISHED  kept              5.8 MiB      512 B  redis-server[812]
             [2001:db8::5]:22  [2001:db8::9]:4711  SYN_RECV     left to TCP                                              handshake not complete

            2 connections: 1 kept, 1 left to TCP. 5.8 MiB acknowledged and 512 B delivered on the domain's behalf.
            """);
  }

  @Test
  void aListOfWhatCouldBeKeptHasNoColumnsOfWhatWasDone() {
    LedgerEntry manageable =
        Ledgers.kept("10.0.0.5", 22, "10.0.0.9", 4711).toBuilder()
            .setOutcome(Outcome.OUTCOME_MANAGEABLE)
            .build();

    assertThat(LedgerTable.render(List.of(manageable)))
        .isEqualTo(
            """
             Local        Peer           State        Outcome      Owner
            -------------------------------------------------------------------------
             10.0.0.5:22  10.0.0.9:4711  ESTABLISHED  can be kept  redis-server[812]

            1 connection: 1 can be kept.
            """);
  }

  @Test
  void noConnectionsIsSaidInWords() {
    assertThat(LedgerTable.render(List.of())).isEqualTo("No connections.\n");
  }

  @Test
  void whatWentWrongStandsLastWithItsDetail() {
    LedgerEntry lost =
        Ledgers.kept("10.0.0.5", 22, "10.0.0.9", 1).toBuilder()
            .setOutcome(Outcome.OUTCOME_NOT_CONFORMED)
            .setDetail("bind: address in use")
            .build();
    String table =
        LedgerTable.render(
            List.of(
                lost,
                Ledgers.kept("10.0.0.5", 22, "10.0.0.9", 2),
                lost.toBuilder().setReason(UnmanagedReason.UNMANAGED_REASON_MPTCP).build()));

    assertThat(table.lines().toList().get(2)).contains("10.0.0.9:2");
    assertThat(table).contains("bind: address in use").contains("multipath TCP: bind");
  }

  @Test
  void theTimelineIsInOrderAndEndsWithWhatPeersFelt() {
    assertThat(TimelineTable.render(Ledgers.report()))
        .isEqualTo(
            """
             Phase      Host       Start  Duration
            ---------------------------------------------------------------------------
             preflight  kvm1      0.0 ms   45.3 ms  |==                              |
             take over  kvm1    500.0 ms   13.2 ms  |           =                    |
             give back  kvm2  1,380.0 ms   24.1 ms  |                               =|

            Blackout at take over       13.2 ms  (fence to open, source)
            Blackout at give back       24.1 ms  (holder's port closed to domain's port open)
            QEMU's own downtime         92.0 ms  (domain stopped, connections held meanwhile)
            """);
  }

  @Test
  void aReportOfNothingIsNoText() {
    assertThat(TimelineTable.render(MigrationReport.getDefaultInstance())).isEmpty();
  }

  @Test
  void thatTheConnectionsWereNotTakenOverIsSaid() {
    assertThat(
            TimelineTable.render(
                MigrationReport.newBuilder()
                    .setConnectionsKeptByPlainMigration(true)
                    .setNote("A remark.")
                    .build()))
        .contains("as in a plain migration")
        .endsWith("A remark.\n");
  }

  @ParameterizedTest
  @CsvSource({"0,0,0", "0,0,1", "5,0,5", "0,5,5", "4,1,5", "1000000,1,1000001", "0,1,1000000000"})
  void aBarIsAlwaysAsLongAndNeverEmpty(long start, long duration, long end) {
    String bar =
        TimelineTable.bar(
            TimelineEntry.newBuilder().setStartMicros(start).setDurationMicros(duration).build(),
            end);

    assertThat(bar).hasSize(34).startsWith("|").endsWith("|").contains("=");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1.0 KiB",
    "1536, 1.5 KiB",
    "6081740, 5.8 MiB",
    "1099511627776, 1.0 TiB",
    "9223372036854775807, 8388608.0 TiB",
  })
  void bytesAreReadable(long bytes, String text) {
    assertThat(Words.bytes(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @EnumSource(names = "UNMANAGED_REASON_UNSPECIFIED", mode = EnumSource.Mode.EXCLUDE)
  void everyReasonHasWords(UnmanagedReason reason) {
    assertThat(Words.reason(reason)).isNotBlank().doesNotContain("_");
  }

  @ParameterizedTest
  @EnumSource
  void everyStatePhaseAndOutcomeHasAWord(TcpState state) {
    assertThat(Words.state(state)).isNotBlank();
    for (Phase phase : Phase.values()) {
      assertThat(Words.phase(phase)).isNotBlank();
    }
    for (Outcome outcome : Outcome.values()) {
      assertThat(Words.outcome(outcome)).isNotBlank();
    }
  }

  @Test
  void progressLooksAsVirshWritesItAndSays100OnlyAtTheEnd() {
    StringWriter text = new StringWriter();
    ProgressLine line = new ProgressLine(new PrintWriter(text));

    line.show(OperationProgress.newBuilder().setPercent(42.37).build());
    line.show(OperationProgress.newBuilder().setPercent(100).build());
    line.show(OperationProgress.newBuilder().setPercent(100).setDone(true).build());
    line.end(true);

    assertThat(text)
        .hasToString(
            "\rMigration: [42.37 %]\rMigration: [99.99 %]\rMigration: [100.00 %]"
                + System.lineSeparator());
  }

  @Test
  void progressThatFailedNeverSays100() {
    StringWriter text = new StringWriter();
    ProgressLine line = new ProgressLine(new PrintWriter(text));

    line.show(OperationProgress.newBuilder().setPercent(7).build());
    line.end(false);

    assertThat(text).hasToString("\rMigration: [ 7.00 %]" + System.lineSeparator());
  }
}
