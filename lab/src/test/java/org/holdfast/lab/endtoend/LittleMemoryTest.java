package org.holdfast.lab.endtoend;

import org.assertj.core.api.SoftAssertions;
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

/** A guest whose sockets may have 6.2 MiB together. */
@Tag("lab")
@ExtendWith(LabExtension.class)
class LittleMemoryTest {
  private static final int STREAMS = 40;
  private static final String LIMITS = "/proc/sys/net/ipv4/tcp_mem";

  private final Lab lab;
  private final VirtualMachine vm;

  LittleMemoryTest(Lab lab, VirtualMachine vm) {
    this.lab = lab;
    this.vm = vm;
  }

  /**
   * While the VM moves slowly its applications write behind the fence and its peers go on sending:
   * both must find room in the end.
   */
  @Test
  void whatBothSidesWroteMeanwhileArrives() throws Exception {
    String usual = vm.exec("cat " + LIMITS).orThrow().text();
    try (LoadRun load = LoadRun.start(lab, vm, LoadOptions.streamsOnly(STREAMS))) {
      vm.exec("echo 1200 1400 1600 > " + LIMITS).orThrow();
      MigrationReport report =
          load.phase(
              "moving", () -> Product.migrate(lab, vm, "--takeover", "early", "--bandwidth", "40"));

      LoadVerdict verdict = load.stop();
      SoftAssertions.assertSoftly(
          check -> AllKept.check(check, report, verdict, "moving", STREAMS));
    } finally {
      vm.exec("echo " + usual + " > " + LIMITS).orThrow();
    }
  }
}
