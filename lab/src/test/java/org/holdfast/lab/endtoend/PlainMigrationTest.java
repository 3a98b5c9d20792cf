package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.wire.Capture;
import org.holdfast.lab.wire.CapturedFrame;
import org.holdfast.lab.wire.Voice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The lab itself: a VM moves between its hosts without our product doing anything. */
@Tag("lab")
@ExtendWith(LabExtension.class)
class PlainMigrationTest {
  private final Lab lab;
  private final VirtualMachine vm;

  PlainMigrationTest(Lab lab) {
    this.lab = lab;
    this.vm = lab.startVm(VmOptions.named("plain"));
  }

  @BeforeEach
  void boot() {
    vm.awaitReady();
  }

  @AfterEach
  void destroy() {
    vm.destroy();
  }

  @Test
  void movesAndIsReachableByBothFamilies() {
    KvmHost source = lab.host("kvm1");
    KvmHost target = lab.host("kvm2");
    Capture onSource = Capture.ofAll(source, "ip or ip6");
    Capture onTarget = Capture.ofAll(target, "ip or ip6");

    source.virsh("migrate", "--live", vm.name(), target.libvirtUri()).orThrow();

    assertThat(vm.host().name()).isEqualTo("kvm2");
    assertThat(vm.exec("hostname").orThrow().text()).isEqualTo(vm.name());
    assertThat(lab.peer().exec("ping", "-n", "-c", "1", "-W", "5", vm.ipv6()).succeeded()).isTrue();
    Map<String, List<CapturedFrame>> captures =
        Map.of("kvm1", onSource.stop(), "kvm2", onTarget.stop());
    Map<String, Integer> uplinks =
        Map.of("kvm1", source.uplinkIndex(), "kvm2", target.uplinkIndex());
    assertThat(Voice.of(captures, uplinks, vm.interfaces().get(0).mac(), frame -> true))
        .extracting(Voice::host)
        .last()
        .isEqualTo("kvm2");
  }
}
