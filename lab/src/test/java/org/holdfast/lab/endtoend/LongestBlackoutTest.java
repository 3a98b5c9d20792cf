package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.holdfast.lab.CommandResult;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.Product;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.fault.HostFootprint;
import org.holdfast.lab.workload.LoadOptions;
import org.holdfast.lab.workload.LoadRun;
import org.holdfast.lab.workload.LoadVerdict;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A takeover that peers would notice is undone in its middle: connections live, nothing is left.
 */
@Tag("lab")
@ExtendWith(LabExtension.class)
class LongestBlackoutTest {
  /** No takeover is that short. */
  private static final String MILLIS = "1";

  private static final Duration SETTLED = Duration.ofSeconds(60);

  private final Lab lab;
  private final VirtualMachine vm;

  LongestBlackoutTest(Lab lab, VirtualMachine vm) {
    this.lab = lab;
    this.vm = vm;
  }

  @Test
  void theVmMovesWithItsOwnSockets() throws Exception {
    KvmHost source = vm.host();

    CommandResult said = migrate("best-effort");

    assertThat(said.exitCode()).as(said.describe()).isZero();
    assertThat(said.stdout()).contains("--max-blackout");
    assertThat(vm.host().name()).isNotEqualTo(source.name());
  }

  @Test
  void orItStays() throws Exception {
    KvmHost source = vm.host();

    CommandResult said = migrate("require");

    assertThat(said.exitCode()).as(said.describe()).isEqualTo(1);
    assertThat(said.stderr()).contains("error: Peers would have heard nobody", "--max-blackout");
    assertThat(vm.host().name()).isEqualTo(source.name());
  }

  private CommandResult migrate(String connections) throws Exception {
    Map<String, String> before = HostFootprint.withoutVms(lab);
    KvmHost source = vm.host();
    String target = Product.other(lab, source).libvirtUri();
    try (LoadRun load = LoadRun.start(lab, vm, LoadOptions.streamsOnly(6))) {
      CommandResult said =
          load.phase(
              connections,
              () ->
                  source.holdfast(
                      "migrate",
                      "--live",
                      "--connections",
                      connections,
                      "--max-blackout",
                      MILLIS,
                      vm.name(),
                      target));

      LoadVerdict verdict = load.stop();
      assertThat(verdict.phase(connections).complaints()).isEmpty();
      assertThat(verdict.corrupted()).isZero();
      assertThat(HostFootprint.leftAfter(SETTLED, lab, before)).isEmpty();
      return said;
    }
  }
}
