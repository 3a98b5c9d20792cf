package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.lab.BackgroundCommand;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.Product;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmInterface;
import org.holdfast.lab.VmOptions;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.MigrationReport;
import org.holdfast.proto.v1.Outcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A VM with two interfaces on two bridges, IPv4 and IPv6 on each. */
@Tag("lab")
@ExtendWith(LabExtension.class)
class SeveralInterfacesTest {
  /** Prints numbers for ever; ssh carries them encrypted, so that a wrong byte ends it. */
  private static final String COUNTER = "i=0; while sleep 0.05; do i=$((i+1)); echo $i; done";

  private final Lab lab;
  private final VirtualMachine vm;
  private final List<BackgroundCommand> sessions = new ArrayList<>();

  SeveralInterfacesTest(Lab lab) {
    this.lab = lab;
    this.vm = lab.startVm(VmOptions.named("double").withInterfaces(2)).awaitReady();
  }

  @AfterEach
  void destroy() {
    sessions.forEach(BackgroundCommand::close);
    vm.destroy();
    lab.hosts().forEach(host -> host.virsh("undefine", vm.name()));
  }

  /** There and back, with the options that virsh has for it. */
  @Test
  void connectionsOfBothInterfacesAreKept() throws Exception {
    for (VmInterface on : vm.interfaces()) {
      sessions.add(count(on.ipv4()));
      sessions.add(count(on.ipv6()));
    }
    awaitProgress(List.of(0L, 0L, 0L, 0L));

    assertKept(Product.migrate(lab, vm, "--persistent"));
    KvmHost there = vm.host();
    assertThat(defined(there)).contains(vm.name());

    assertKept(
        Product.migrate(
            lab, vm, "--p2p", "--undefinesource", "--timeout", "60", "--bandwidth", "200"));
    assertThat(vm.host().name()).isNotEqualTo(there.name());
    assertThat(defined(there)).doesNotContain(vm.name());
  }

  private void assertKept(MigrationReport report) throws InterruptedException {
    assertThat(report.getLedgerList())
        .extracting(LedgerEntry::getOutcome)
        .hasSizeGreaterThanOrEqualTo(4)
        .containsOnly(Outcome.OUTCOME_KEPT);
    awaitProgress(sessions.stream().map(SeveralInterfacesTest::reached).toList());
  }

  private static List<String> defined(KvmHost host) {
    return host.virsh("list", "--all", "--persistent", "--name").orThrow().text().lines().toList();
  }

  private BackgroundCommand count(String address) {
    List<String> command = new ArrayList<>(lab.sshCommand(vm));
    command.set(command.size() - 1, "root@" + address);
    command.add(COUNTER);
    return lab.peer().start(command);
  }

  /** Every counter goes on from where it was, without a gap. */
  private void awaitProgress(List<Long> from) throws InterruptedException {
    for (int index = 0; index < sessions.size(); index++) {
      BackgroundCommand session = sessions.get(index);
      for (int tries = 0; reached(session) <= from.get(index) && tries < 100; tries++) {
        Thread.sleep(100);
      }
      assertThat(reached(session)).as("counter " + index).isGreaterThan(from.get(index));
      assertThat(session.isRunning()).as("session " + index).isTrue();
    }
  }

  private static long reached(BackgroundCommand session) {
    List<String> lines = session.stdout().lines().toList();
    for (int index = 0; index < lines.size(); index++) {
      assertThat(lines.get(index)).isEqualTo(Integer.toString(index + 1));
    }
    return lines.size();
  }
}
