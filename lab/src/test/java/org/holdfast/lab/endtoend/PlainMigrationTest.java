package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.Waiting;
import org.holdfast.lab.wire.Capture;
import org.holdfast.lab.wire.CapturedFrame;
import org.holdfast.lab.wire.Voice;
import org.holdfast.libvirt.LibvirtConnection;
import org.holdfast.libvirt.MigrationParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The lab itself: a VM moves between its hosts without our product doing anything. */
@Tag("lab")
@ExtendWith(LabExtension.class)
class PlainMigrationTest {
  private static final Duration BOUND = Duration.ofSeconds(30);
  private static final int SLOW_MEBIBYTES_PER_SECOND = 1;
  private static final int FAST_MEBIBYTES_PER_SECOND = 1000;

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

  /**
   * libvirt's client may overlook a call on a connection on which another waits, until a keepalive
   * wakes it after seconds; and a migration's pace is set while the migration waits.
   */
  @Test
  void aMigrationHasAConnectionToLibvirtOfItsOwn() throws Exception {
    KvmHost source = lab.host("kvm1");
    String address = source.bash("getent ahostsv4 kvm1 | head -n 1").orThrow().text().split(" ")[0];
    MigrationParameters live = MigrationParameters.live(lab.host("kvm2").libvirtUri());
    int before = connections(source);
    try (LibvirtConnection libvirt = LibvirtConnection.open("qemu+tcp://" + address + "/system")) {
      org.holdfast.libvirt.VirtualMachine machine = libvirt.lookup(vm.name());
      machine.setMaxSpeed(SLOW_MEBIBYTES_PER_SECOND);
      CompletableFuture<Void> migration = CompletableFuture.runAsync(() -> machine.migrate(live));
      Waiting.until(BOUND, "the migration", () -> machine.jobStatistics().isPresent());

      assertThat(connections(source)).isEqualTo(before + 2);
      machine.setMaxSpeed(FAST_MEBIBYTES_PER_SECOND);
      migration.join();
      assertThat(connections(source)).isEqualTo(before + 1);
    }
  }

  private static int connections(KvmHost host) {
    String all = host.bash("ss -tnH state established 'sport = :16509'").orThrow().text();
    return (int) all.lines().filter(line -> !line.isBlank()).count();
  }
}
