package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.holdfast.lab.Lab;
import org.holdfast.lab.Product;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.Waiting;
import org.holdfast.lab.wire.Capture;
import org.holdfast.lab.wire.CapturedFrame;
import org.holdfast.lab.wire.TcpSegment;
import org.holdfast.lab.workload.LoadOptions;
import org.holdfast.lab.workload.LoadRun;
import org.holdfast.lab.workload.LoadVerdict;
import org.holdfast.lab.workload.PhaseVerdict;
import org.holdfast.proto.v1.MigrationReport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The main job: a VM with real servers moves to and fro under real clients, who notice nothing. */
@Tag("lab")
@ExtendWith(LabExtension.class)
class MigrationTest {
  private static final int MIGRATIONS = 10;

  private static final long AGENT_KIBIBYTES = 64 * 1024;
  private static final Duration AGENT_RESTS = Duration.ofSeconds(20);

  /** RST or FIN over IPv4 or IPv6; the VM's IPv6 packets have no extension headers. */
  private static final String ENDINGS =
      "tcp[tcpflags] & (tcp-rst|tcp-fin) != 0 or (ip6[6] = 6 and ip6[53] & 5 != 0)";

  private final Lab lab;
  private final VirtualMachine vm;

  MigrationTest(Lab lab, VirtualMachine vm) {
    this.lab = lab;
    this.vm = vm;
  }

  @Test
  void tenMigrationsInBothDirectionsLoseNothing() throws Exception {
    try (LoadRun load = LoadRun.start(lab, vm, LoadOptions.everything())) {
      List<String> before = SocketOptions.of(vm);
      Capture atPeer = Capture.of(lab.peer(), "eth0", ENDINGS);
      SoftAssertions check = new SoftAssertions();

      for (int number = 1; number <= MIGRATIONS; number++) {
        String name = "migration " + number;
        MigrationReport report = load.phase(name, () -> Product.migrate(lab, vm));
        check.assertThat(Product.notKept(report)).as("not kept in " + name).isEmpty();
        check
            .assertThat(Product.kept(report))
            .as("kept in " + name)
            .isGreaterThanOrEqualTo(LoadOptions.everything().connections());
        check
            .assertThat(report.getConnectionsKeptByPlainMigration())
            .as("takeover missed in " + name)
            .isFalse();
        checkBlackouts(check, name, report);
      }

      List<CapturedFrame> endings = atPeer.stop();
      check.assertThat(SocketOptions.of(vm)).as("socket options").isEqualTo(before);
      check.assertThat(endingsOf(before, endings)).as("RST and FIN from the VM").isEmpty();
      checkLoad(check, load.stop());
      check.assertAll();
    }
    Waiting.until(
        AGENT_RESTS, "the agent to be small again", () -> agentKibibytes(vm) < AGENT_KIBIBYTES);
  }

  /** How long they are depends on the machine and is printed, not judged: that is a benchmark's. */
  private static void checkBlackouts(SoftAssertions check, String name, MigrationReport report) {
    Duration takeover = Duration.ofNanos(report.getBlackoutTakeoverMicros() * 1000);
    Duration giveBack = Duration.ofNanos(report.getBlackoutGiveBackMicros() * 1000);
    System.out.printf(
        "%s: blackouts %d ms and %d ms, downtime %d ms, %d connections%n",
        name,
        takeover.toMillis(),
        giveBack.toMillis(),
        report.getDowntimeMillis(),
        report.getLedgerCount());
    check.assertThat(takeover).as("blackout of takeover, " + name).isPositive();
    check.assertThat(giveBack).as("blackout of give-back, " + name).isPositive();
  }

  private static void checkLoad(SoftAssertions check, LoadVerdict verdict) {
    for (PhaseVerdict phase : verdict.phases()) {
      System.out.printf(
          "%s: kept %d of %d, longest silence of the echo %d ms%n",
          phase.phase().name(), phase.kept(), phase.of(), phase.stall().toMillis());
      check.assertThat(phase.complaints()).as(phase.phase().name()).isEmpty();
      check.assertThat(phase.of()).isEqualTo(LoadOptions.everything().connections());
    }
    check.assertThat(verdict.corrupted()).as("corrupted").isZero();
    check.assertThat(verdict.failures()).as("clients that failed of themselves").isEmpty();
    check.assertThat(verdict.guestErrors()).as("errors logged in the guest").isEmpty();
  }

  private static long agentKibibytes(VirtualMachine vm) {
    String words = vm.exec("grep -E 'VmRSS|VmHWM|Rss' /proc/$(pidof java)/status").text();
    System.out.println("the agent's memory: " + words.replaceAll("\\s+", " "));
    return Long.parseLong(words.replaceAll("(?s).*VmRSS:\\s*(\\d+).*", "$1"));
  }

  /** Each RST, and FINs of the load: the ssh session that read the options may just be ending. */
  private List<TcpSegment> endingsOf(List<String> load, List<CapturedFrame> frames) {
    String mac = vm.interfaces().get(0).mac();
    return frames.stream()
        .flatMap(frame -> TcpSegment.of(frame).stream())
        .filter(segment -> segment.sourceMac().equals(mac))
        .filter(segment -> segment.isReset() || SocketOptions.haveSenderOf(segment, load))
        .toList();
  }

  @Test
  void aMigrationByThePlaybookKeepsConnections() throws Exception {
    String target = Product.other(lab, vm.host()).name();
    String[] words = {"-e", "domain=" + vm.name(), "-e", "destination=" + target};
    try (LoadRun load = LoadRun.start(lab, vm, LoadOptions.streamsOnly(4))) {
      int changes = load.phase("playbook", () -> lab.playbook("migrate.yml", words));

      assertThat(changes).isEqualTo(1);
      assertThat(lab.playbook("migrate.yml", words)).as("changes of a second run").isZero();
      assertThat(vm.host().name()).isEqualTo(target);
      LoadVerdict verdict = load.stop();
      assertThat(verdict.phase("playbook").complaints()).isEmpty();
      assertThat(verdict.corrupted()).isZero();
    }
  }
}
