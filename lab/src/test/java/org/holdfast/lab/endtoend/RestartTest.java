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

/** A daemon that is killed, or restarted, while it holds the connections of a suspended VM. */
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

      LoadVerdict verdict = load.stop();
      SoftAssertions.assertSoftly(
          check -> {
            check.assertThat(Product.notKept(report)).isEmpty();
            check.assertThat(verdict.phase("away").complaints()).isEmpty();
            check
                .assertThat(Product.kept(report))
                .isGreaterThanOrEqualTo(LoadOptions.everything().connections());
            check.assertThat(verdict.corrupted()).isZero();
            check.assertThat(verdict.failures()).isEmpty();
            check.assertThat(verdict.guestErrors()).isEmpty();
          });
    }
    Daemons.awaitRehearsed(host);
    assertThat(HostFootprint.of(host)).isEqualTo(before);
  }
}
