package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Hosts: nothing of the product is in the path when idle, and nothing is left when it is done. */
@Tag("lab")
@ExtendWith(LabExtension.class)
class CleanHostsTest {
  private static final Duration SETTLED_BOUND = Duration.ofSeconds(30);

  private final Lab lab;

  CleanHostsTest(Lab lab) {
    this.lab = lab;
  }

  @Test
  void aRoundTripAndASuspensionLeaveTheHostsAsTheyWere() throws Exception {
    VirtualMachine vm = lab.startVm(VmOptions.named("tidy")).awaitReady();
    try (LoadRun load = LoadRun.start(lab, vm, LoadOptions.streamsOnly(6))) {
      Map<String, String> before = HostFootprint.of(lab);

      load.phase("there", () -> Product.migrate(lab, vm));
      load.phase("back", () -> Product.migrate(lab, vm));
      vm.host().holdfast("suspend", vm.name()).orThrow();
      vm.host().holdfast("resume", vm.name()).orThrow();

      assertThat(HostFootprint.differences(before, HostFootprint.of(lab))).isEmpty();
      load.stop();
      endWhileSuspended(vm);
    } finally {
      vm.destroy();
    }
  }

  /** Nobody is left to give its connections back to. */
  private void endWhileSuspended(VirtualMachine vm) {
    KvmHost host = vm.host();
    vm.host().holdfast("suspend", vm.name()).orThrow();
    host.virsh("destroy", vm.name()).orThrow();
    Waiting.until(
        SETTLED_BOUND,
        "nothing to be left of " + vm.name(),
        () -> host.bash("ip netns list").text().isEmpty());
    assertThat(HostFootprint.of(host).get("links")).doesNotContain("hf");
  }

  @Test
  void anIdleDaemonIsNotInThePath(VirtualMachine vm) {
    try {
      Map<String, String> with = HostFootprint.of(lab);
      for (KvmHost host : lab.hosts()) {
        host.exec("service", "holdfastd", "stop").orThrow();
      }

      assertThat(HostFootprint.differences(with, HostFootprint.of(lab))).isEmpty();
      assertThat(vm.exec("true").succeeded()).isTrue();
    } finally {
      lab.hosts().forEach(host -> host.exec("service", "holdfastd", "start"));
    }
  }

  /** A rehearsal that fails only warns: without it the first blackouts would be long. */
  @Test
  void eachDaemonHasRehearsedWithSuccess() {
    lab.hosts().forEach(Daemons::awaitRehearsed);
  }

  @Test
  void theRolesChangeNothingTheSecondTime() {
    assertThat(lab.playbook("site.yml")).isZero();
  }
}
