package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.assertj.core.api.SoftAssertions;
import org.holdfast.lab.CommandResult;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.Product;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.fault.Daemons;
import org.holdfast.lab.fault.Guests;
import org.holdfast.lab.fault.HostFootprint;
import org.holdfast.lab.workload.LoadOptions;
import org.holdfast.lab.workload.LoadRun;
import org.holdfast.lab.workload.LoadVerdict;
import org.holdfast.proto.v1.MigrationReport;
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

  RestartTest(Lab lab, VirtualMachine vm) {
    this.lab = lab;
    this.vm = vm;
  }

  @Test
  void whatIsHeldOutlivesTheAgent() throws Exception {
    assertOutlives(Guests::killAgentOnceHeld);
  }

  /** It answers nobody any more, and is not gone either. */
  @Test
  void whatIsHeldOutlivesAnAgentThatIsStopped() throws Exception {
    assertOutlives(Guests::stopAgentOnceHeld);
  }

  /** Struck before the VM stands, or as soon as it runs again: another one must give back. */
  private void assertOutlives(Consumer<VirtualMachine> strikeAgent) throws Exception {
    KvmHost host = vm.host();
    try (LoadRun load = LoadRun.start(lab, vm, LoadOptions.everything())) {
      strikeAgent.accept(vm);
      MigrationReport report =
          load.phase(
              "away",
              () -> {
                host.holdfast("suspend", vm.name()).orThrow();
                return Product.resume(host, vm.name());
              });

      LoadVerdict verdict = load.stop();
      assertThat(Guests.agentWasStruck(vm)).as("the agent was struck").isTrue();
      assertKept(report, verdict);
    }
  }

  /** Nobody else could have them run again. */
  @Test
  void anAgentThatIsStoppedWhileApplicationsStandIsFollowedByAnother() throws Exception {
    KvmHost host = vm.host();
    try (LoadRun load = LoadRun.start(lab, vm, LoadOptions.streamsOnly(6))) {
      Guests.stopAgentOnceApplicationsStand(vm);
      CommandResult said =
          load.phase(
              "stopped", () -> host.holdfast("suspend", "--connections", "require", vm.name()));

      assertThat(said.exitCode()).as(said.describe()).isEqualTo(1);
      assertThat(said.stderr()).contains("error: ", "agent");
      assertThat(Guests.agentWasStruck(vm)).as("the agent was stopped").isTrue();
      assertThat(host.virsh("domstate", vm.name()).text()).isEqualTo("running");
      assertThat(load.stop().phase("stopped").complaints()).isEmpty();
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
                Daemons.restart(host);
                assertThat(host.virsh("domstate", vm.name()).text()).isEqualTo("paused");
                return Product.resume(host, vm.name());
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
