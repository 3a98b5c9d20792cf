package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.assertj.core.api.SoftAssertions;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.Product;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.Waiting;
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
  private static final Duration READ_BOUND = Duration.ofSeconds(30);

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

  /**
   * What was acknowledged is taken by a guest whose sockets may have less (here 2.4 MiB), and the
   * bound is what it was when applications have read.
   */
  @Test
  void whatPeersSentArrivesWhereTheGuestHasLittleMemoryForIt() throws Exception {
    KvmHost host = vm.host();
    String tcpMem = "/proc/sys/net/ipv4/tcp_mem";
    String usual = vm.exec("cat " + tcpMem).orThrow().text();
    vm.exec("echo 400 500 600 > " + tcpMem).orThrow();
    try (LoadRun load = LoadRun.start(lab, vm, LoadOptions.streamsOfEveryKind(6))) {
      MigrationReport report = load.phase("away", () -> sleepAndWake(host));

      Waiting.until(
          READ_BOUND,
          "the bound of before",
          () -> vm.exec("cat " + tcpMem).text().matches("400\\s+500\\s+600"));
      LoadVerdict verdict = load.stop();
      SoftAssertions.assertSoftly(check -> AllKept.check(check, report, verdict, "away", 6));
    } finally {
      vm.exec("echo " + usual + " > " + tcpMem).orThrow();
    }
  }

  /** An operator takes the wrong command. */
  @Test
  void aVmThatVirshContinuesWhileItIsHeldDoesNotSpeak() throws Exception {
    KvmHost host = vm.host();
    try (LoadRun load = LoadRun.start(lab, vm, LoadOptions.streamsOfEveryKind(6))) {
      MigrationReport report =
          load.phase(
              "away",
              () -> {
                host.holdfast("suspend", vm.name()).orThrow();
                host.virsh("resume", vm.name()).orThrow();
                String mute = host.exec("nft", "list", "set", "bridge", "holdfast", "mute").text();
                assertThat(mute).as("ports whose VM must be silent").contains("vnet");
                Thread.sleep(3000);
                return Product.resume(host, vm.name());
              });

      LoadVerdict verdict = load.stop();
      SoftAssertions.assertSoftly(check -> AllKept.check(check, report, verdict, "away", 6));
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
