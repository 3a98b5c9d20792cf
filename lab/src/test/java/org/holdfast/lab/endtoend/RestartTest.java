package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.Product;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.fault.Daemons;
import org.holdfast.lab.fault.HostFootprint;
import org.holdfast.lab.workload.LoadOptions;
import org.holdfast.lab.workload.LoadRun;
import org.holdfast.lab.workload.LoadVerdict;
import org.holdfast.proto.v1.MigrationReport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who holds connections, or keeps the ticket for them, is killed meanwhile. */
@Tag("lab")
@ExtendWith(LabExtension.class)
class RestartTest {
  private static final Duration WITHOUT_DAEMON = Duration.ofSeconds(4);

  private final Lab lab;
  private final VirtualMachine vm;

  RestartTest(Lab lab) {
    this.lab = lab;
    this.vm = lab.startVm(VmOptions.named("outliver")).awaitReady();
  }

  @AfterEach
  void destroy() {
    vm.destroy();
  }

  /** It is killed before the VM stands, or as soon as it runs again: another one must give back. */
  @Test
  void whatIsHeldOutlivesTheAgent() throws Exception {
    KvmHost host = vm.host();
    try (LoadRun load = LoadRun.start(lab, vm, LoadOptions.everything())) {
      vm.exec(
              "(until [ -s /run/holdfast-guest-agent/frozen.held ]; do sleep 0.1; done;"
                  + " kill -9 $(pidof java) && touch /tmp/killed) > /dev/null 2>&1 < /dev/null &")
          .orThrow();
      MigrationReport report =
          load.phase(
              "away",
              () -> {
                host.holdfast("suspend", vm.name()).orThrow();
                return Product.report(host.holdfast("resume", "--json", vm.name()).orThrow());
              });

      LoadVerdict verdict = load.stop();
      assertThat(vm.exec("test -e /tmp/killed").succeeded()).as("the agent was killed").isTrue();
      assertKept(report, verdict, "away");
    }
  }

  @Test
  void whatIsHeldOutlivesTheDaemon() throws Exception {
    KvmHost host = vm.host();
    Daemons.awaitRehearsed(host);
    Map<String, String> before = HostFootprint.of(host);
    try (LoadRun load = LoadRun.start(lab, vm, LoadOptions.everything())) {
      MigrationReport report =
          load.phase(
              "away",
              () -> {
                host.holdfast("suspend", vm.name()).orThrow();
                Daemons.kill(host);
                Thread.sleep(WITHOUT_DAEMON.toMillis());
                Daemons.start(host);
                host.exec("service", "holdfastd", "restart").orThrow();
                Daemons.awaitAnswer(host);
                assertThat(host.virsh("domstate", vm.name()).text()).isEqualTo("paused");
                return Product.report(host.holdfast("resume", "--json", vm.name()).orThrow());
              });

      assertKept(report, load.stop(), "away");
    }
    Daemons.awaitRehearsed(host);
    assertThat(HostFootprint.of(host)).isEqualTo(before);
  }

  private static void assertKept(MigrationReport report, LoadVerdict verdict, String phase) {
    SoftAssertions.assertSoftly(
        check -> {
          check.assertThat(Product.notKept(report)).isEmpty();
          check.assertThat(verdict.phase(phase).complaints()).isEmpty();
          check
              .assertThat(Product.kept(report))
              .isGreaterThanOrEqualTo(LoadOptions.everything().connections());
          check.assertThat(verdict.corrupted()).isZero();
          check.assertThat(verdict.failures()).isEmpty();
          check.assertThat(verdict.guestErrors()).isEmpty();
        });
  }
}
