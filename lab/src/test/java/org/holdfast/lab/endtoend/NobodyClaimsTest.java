package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.holdfast.lab.CommandResult;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.Product;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.Waiting;
import org.holdfast.lab.fault.Guests;
import org.holdfast.lab.fault.HostFootprint;
import org.holdfast.lab.workload.LoadOptions;
import org.holdfast.lab.workload.LoadRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The bound that the operator set is over, and a VM's connections could not be given back. */
@Tag("lab")
@ExtendWith(LabExtension.class)
class NobodyClaimsTest {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final Map<String, Object> SHORT_BOUND =
      Map.of("holdfast_host_configuration", Map.of("holding", Map.of("claim_bound", "10 s")));

  private final Lab lab;
  private VirtualMachine vm;

  NobodyClaimsTest(Lab lab) {
    this.lab = lab;
  }

  @BeforeEach
  void boot() {
    lab.playbook("site.yml", "-e", new Gson().toJson(SHORT_BOUND));
    vm = lab.startVm(VmOptions.named("unclaimed")).awaitReady();
  }

  @AfterEach
  void restore() {
    vm.destroy();
    lab.playbook("site.yml");
  }

  /** Its agent stands for ever: a VM without a network would be worse off than without us. */
  @Test
  void aVmWhoseConnectionsAreLostServesAgainAndNothingIsHeldForIt() throws Exception {
    KvmHost source = vm.host();
    KvmHost target = Product.other(lab, source);
    Map<String, String> before = HostFootprint.withoutVms(lab);
    try (LoadRun load = LoadRun.start(lab, vm, LoadOptions.streamsOnly(4))) {
      Guests.stopAgentForGoodOnceHeld(vm);

      CommandResult said =
          source
              .start(List.of("holdfast", "migrate", "--live", vm.name(), target.libvirtUri()))
              .result(BOUND);

      assertThat(said.exitCode()).as(said.describe()).isEqualTo(1);
      assertThat(said.stderr()).contains("error: ", "could not be given back");
      assertThat(source.bash("nft list table bridge holdfast").succeeded())
          .as("the source speaks for it")
          .isFalse();
    }
    Waiting.until(BOUND, "an answer of the VM", () -> vm.exec("true").succeeded());
    assertThat(vm.host().name()).isEqualTo(target.name());
    vm.destroy();
    assertThat(HostFootprint.leftAfter(BOUND, lab, before)).isEmpty();
  }
}
