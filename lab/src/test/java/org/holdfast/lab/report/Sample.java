package org.holdfast.lab.report;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.holdfast.lab.Product;
import org.holdfast.lab.report.Trial.Act;
import org.holdfast.lab.report.Trial.Tool;
import org.holdfast.lab.workload.ClientKind;
import org.holdfast.lab.workload.GuestLog;
import org.holdfast.lab.workload.LoadEvent;
import org.holdfast.lab.workload.LoadVerdict;
import org.holdfast.lab.workload.Phase;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.proto.v1.Outcome;

/** A demonstration as it might have been: 50 streams and eight other clients, seeded. */
final class Sample {
  static final Instant BEGIN = Instant.parse("2026-03-01T12:00:00Z");
  private static final int STREAMS = 50;

  private final Random random = new Random(7);
  private final List<Phase> phases = new ArrayList<>();
  private final List<LoadEvent> events = new ArrayList<>();
  private final Map<String, Long> bytes = new LinkedHashMap<>();

  private Sample() {}

  /** Holdfast kept everything; plain libvirt lost the impatient streams when the VM was away. */
  static DemoResult held() {
    return result("");
  }

  /** The same, but a stream broke on the way back. */
  static DemoResult broken() {
    return result("stream-13");
  }

  private static DemoResult result(String broken) {
    Sample ours = new Sample();
    ours.open();
    ours.phase("kvm1 to kvm2", 5, 12, Duration.ofMillis(95));
    ours.phase("kvm2 to kvm1", 17, 24, Duration.ofMillis(118));
    if (!broken.isEmpty()) {
      ours.events.add(
          new LoadEvent.Corruption(at(21_400), broken, "block 210 differs at byte 12 <&>"));
      ours.events.add(new LoadEvent.Lost(at(21_500), broken, "read failed: reset (ECONNRESET)"));
    }
    ours.phase("away for 30 s", 30, 63, Duration.ofSeconds(31));
    ours.finish(80, broken);
    Sample plain = new Sample();
    plain.open();
    plain.phase("kvm1 to kvm2", 5, 9, Duration.ofMillis(260));
    plain.phase("away for 30 s", 14, 46, Duration.ofSeconds(30));
    plain.loseTheImpatient(26);
    plain.finish(60, "");
    LoadVerdict oursVerdict = ours.verdict();
    LoadVerdict plainVerdict = plain.verdict();
    return new DemoResult(
        at(150_000),
        Duration.ofSeconds(30),
        STREAMS + 8,
        List.of(
            trial("kvm1 to kvm2", Act.MIGRATION, Tool.HOLDFAST, oursVerdict, migrate(5)),
            trial("kvm2 to kvm1", Act.MIGRATION, Tool.HOLDFAST, oursVerdict, migrate(17)),
            trial("kvm1 to kvm2", Act.MIGRATION, Tool.PLAIN, plainVerdict, List.of()),
            trial("away for 30 s", Act.ABSENCE, Tool.HOLDFAST, oursVerdict, absence()),
            trial("away for 30 s", Act.ABSENCE, Tool.PLAIN, plainVerdict, List.of())),
        oursVerdict,
        plainVerdict,
        Map.of("Machine", "2 processors, 24 GiB"));
  }

  private static Trial trial(
      String title, Act act, Tool tool, LoadVerdict run, List<OperationReport> operations) {
    return new Trial(title, act, tool, run.phase(title), operations, "");
  }

  private static List<OperationReport> migrate(int second) {
    return List.of(
        withAll(OperationReport.parse("migrate", at(second * 1000L + 900), SampleJson.MIGRATION)));
  }

  private static List<OperationReport> absence() {
    return List.of(
        OperationReport.parse("suspend", at(30_900), SampleJson.SUSPENSION),
        withAll(OperationReport.parse("resume", at(62_000), SampleJson.RESUMPTION)));
  }

  /** As many as were open; those of the text stand for the rest. */
  private static OperationReport withAll(OperationReport few) {
    MigrationReport.Builder report = few.report().toBuilder();
    while (Product.kept(report.build()) < STREAMS + 8) {
      report.addLedger(LedgerEntry.newBuilder().setOutcome(Outcome.OUTCOME_KEPT));
    }
    return new OperationReport(few.verb(), few.begin(), report.build());
  }

  static Instant at(long millis) {
    return BEGIN.plusMillis(millis);
  }

  private void open() {
    for (ClientKind kind : ClientKind.values()) {
      int count = kind == ClientKind.STREAM ? STREAMS : 1;
      for (int number = 0; number < count; number++) {
        String name =
            kind == ClientKind.STREAM
                ? "stream-%02d".formatted(number)
                : kind.words().replace(' ', '-');
        bytes.put(name, 0L);
        events.add(new LoadEvent.Opened(at(0), name, kind, "peer", "guest", ""));
      }
    }
  }

  /** Every connection is silent for so long in the middle, a little less or more. */
  private void phase(String name, int fromSecond, int untilSecond, Duration stall) {
    Instant until = at(untilSecond * 1000L);
    phases.add(new Phase(name, at(fromSecond * 1000L), until.minusMillis(500), until));
    Instant middle = at((fromSecond + untilSecond) * 500L);
    for (String connection : bytes.keySet()) {
      boolean echo = connection.startsWith("echo");
      Duration length = echo ? stall : stall.plusMillis(random.nextInt(120));
      Instant begin = middle.minus(length.dividedBy(2)).plusMillis(random.nextInt(40));
      if (echo || length.compareTo(Duration.ofMillis(200)) > 0) {
        events.add(new LoadEvent.Silence(begin, connection, begin.plus(length)));
      }
      progress(connection, fromSecond * 1000L - 1, 0);
      progress(connection, untilSecond * 1000L, 140_000);
    }
  }

  private void progress(String connection, long millis, long more) {
    long total = bytes.merge(connection, more, Long::sum);
    events.add(
        new LoadEvent.Progress(at(millis), connection, total, total / 2048, Duration.ofMillis(12)));
  }

  private void loseTheImpatient(int second) {
    for (int number = STREAMS / 2; number < STREAMS; number++) {
      events.add(
          new LoadEvent.Lost(
              at(second * 1000L + number),
              "stream-%02d".formatted(number),
              "read failed: Connection timed out (ETIMEDOUT)"));
    }
  }

  private void finish(int second, String broken) {
    List<String> lost =
        events.stream()
            .filter(LoadEvent.Lost.class::isInstance)
            .map(event -> ((LoadEvent.Lost) event).connection())
            .toList();
    for (String connection : bytes.keySet()) {
      if (!lost.contains(connection) && !connection.equals(broken)) {
        events.add(new LoadEvent.Ended(at(second * 1000L), connection, "all verified"));
      }
    }
    for (long millis = 0; millis < second * 1000L; millis += 50) {
      events.add(new LoadEvent.Rate(at(millis), 45_000 + random.nextInt(12_000)));
    }
  }

  private LoadVerdict verdict() {
    return LoadVerdict.of(
        phases,
        events,
        List.of(new GuestLog("redis", 0, List.of()), new GuestLog("nginx", 0, List.of())));
  }
}
