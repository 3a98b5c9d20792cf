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
import org.holdfast.lab.Waiting;
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
  private static final Duration WATCHING_BOUND = Duration.ofSeconds(30);
  private static final Duration WITHOUT_DAEMON = Duration.ofSeconds(4);

  /** What is held is noted for a few hundred milliseconds: programs would start too slowly. */
  private static final String KILLS_AGENT =
      """
      import os, signal, subprocess, time
      agent = int(subprocess.check_output(["pidof", "java"]))
      note = "/run/holdfast-guest-agent/frozen.held"
      print("watching", flush=True)
      while not (os.path.exists(note) and os.path.getsize(note)):
          time.sleep(0.003)
      os.kill(agent, signal.SIGKILL)
      print("the agent was killed", flush=True)
      """;

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
      vm.exec("nohup python3 - > /tmp/killed 2>&1 <<'END' &\n" + KILLS_AGENT + "END").orThrow();
      Waiting.until(WATCHING_BOUND, "the guest to watch", () -> said().startsWith("watching"));
      MigrationReport report =
          load.phase(
              "away",
              () -> {
                host.holdfast("suspend", vm.name()).orThrow();
                return Product.report(host.holdfast("resume", "--json", vm.name()).orThrow());
              });

      LoadVerdict verdict = load.stop();
      assertThat(said()).contains("the agent was killed");
      assertKept(report, verdict);
    }
  }

  private String said() {
    return vm.exec("cat /tmp/killed").text();
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

      assertKept(report, load.stop());
    }
    Daemons.awaitRehearsed(host);
    assertThat(HostFootprint.differences(before, HostFootprint.of(host))).isEmpty();
  }

  private static void assertKept(MigrationReport report, LoadVerdict verdict) {
    int all = LoadOptions.everything().connections();
    SoftAssertions.assertSoftly(check -> AllKept.check(check, report, verdict, "away", all));
  }
}
