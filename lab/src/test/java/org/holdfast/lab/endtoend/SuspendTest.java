package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.assertj.core.api.SoftAssertions;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.Product;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.workload.LoadOptions;
import org.holdfast.lab.workload.LoadRun;
import org.holdfast.lab.workload.LoadVerdict;
import org.holdfast.proto.v1.MigrationReport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A VM that is away for longer than its peers would wait: half of them with TCP_USER_TIMEOUT 10 s,
 * a quarter with keepalives 5 s x 3.
 */
@Tag("lab")
@ExtendWith(LabExtension.class)
class SuspendTest {
  private static final Duration AWAY = Duration.ofSeconds(20);

  private final Lab lab;
  private final VirtualMachine vm;

  SuspendTest(Lab lab, VirtualMachine vm) {
    this.lab = lab;
    this.vm = vm;
  }

  @Test
  void connectionsOutliveTwentySecondsOfAbsence() throws Exception {
    KvmHost host = vm.host();
    try (LoadRun load = LoadRun.start(lab, vm, LoadOptions.everything())) {
      MigrationReport report = load.phase("away", () -> sleepAndWake(host));

      LoadVerdict verdict = load.stop();
      SoftAssertions.assertSoftly(
          check -> {
            check.assertThat(acknowledged(report)).as("bytes acknowledged").isPositive();
            AllKept.check(check, report, verdict, "away", LoadOptions.everything().connections());
          });
    }
  }

  /**
   * Each kind of patience over each family, 100 kB/s: {@code ./lab.sh bench long-hold} has it for
   * 20 minutes. It is spooled, and travels ahead of the blackout.
   */
  @Test
  void whatPeersGoOnSendingArrives() throws Exception {
    KvmHost host = vm.host();
    try (LoadRun load = LoadRun.start(lab, vm, LoadOptions.streamsOfEveryKind(6))) {
      MigrationReport report = load.phase("away", () -> sleepAndWake(host));

      LoadVerdict verdict = load.stop();
      SoftAssertions.assertSoftly(
          check -> {
            check.assertThat(acknowledged(report)).isGreaterThan(9_000_000);
            AllKept.check(check, report, verdict, "away", 6);
          });
    }
  }

  private MigrationReport sleepAndWake(KvmHost host) throws InterruptedException {
    host.holdfast("suspend", vm.name()).orThrow();
    assertThat(host.virsh("domstate", vm.name()).text()).isEqualTo("paused");
    Thread.sleep(AWAY.toMillis());
    return Product.resume(host, vm.name());
  }

  private static long acknowledged(MigrationReport report) {
    return report.getLedgerList().stream()
        .mapToLong(entry -> entry.getBytesAcknowledgedForVm())
        .sum();
  }
}
