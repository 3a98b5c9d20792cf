package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.holdfast.lab.BackgroundCommand;
import org.holdfast.lab.CommandResult;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.Product;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.fault.DaemonLog;
import org.holdfast.lab.fault.Daemons;
import org.holdfast.lab.fault.Guests;
import org.holdfast.lab.fault.HostFootprint;
import org.holdfast.lab.workload.LoadOptions;
import org.holdfast.lab.workload.LoadRun;
import org.holdfast.lab.workload.LoadVerdict;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A VM that stores faster than the link carries never converges: so there is time to change one's
 * mind in each state of a migration. Wherever it ends, connections live and nothing is left.
 */
@Tag("lab")
@ExtendWith(LabExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TurningBackTest {
  private static final Duration BOUND = Duration.ofSeconds(90);
  private static final String CONVERGING = "CONVERGING";
  private static final String HOLDING = "HOLDING";
  private static final String PLAIN = "PLAIN";
  private static final String MEBIBYTES_A_SECOND = "40";

  /** Stores into 96 MiB, over and over, while the file is there. */
  private static final String STORING =
      """
      import os
      memory = bytearray(96 << 20)
      number = 0
      while os.path.exists("/tmp/storing"):
          number = (number + 1) % 256
          for at in range(0, len(memory), 4096):
              memory[at] = number
      """;

  private final Lab lab;
  private VirtualMachine vm;
  private LoadRun load;
  private Map<String, String> before;

  TurningBackTest(Lab lab) {
    this.lab = lab;
  }

  @BeforeAll
  void boot() {
    vm = lab.startVm(VmOptions.named("turning")).awaitReady();
    vm.writeFile("/tmp/storing.py", STORING);
  }

  @AfterAll
  void destroy() {
    vm.destroy();
  }

  @BeforeEach
  void begin() throws Exception {
    before = HostFootprint.withoutVms(lab);
    load = LoadRun.start(lab, vm, LoadOptions.streamsOnly(7));
    vm.exec("touch /tmp/storing; nohup python3 /tmp/storing.py > /dev/null 2>&1 < /dev/null &")
        .orThrow();
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    load.close();
    assertThat(HostFootprint.leftAfter(BOUND, lab, before)).isEmpty();
  }

  @Test
  @Order(1)
  void interruptedWhileItConverges() throws Exception {
    assertStays("cancelled", CONVERGING, TurningBackTest::interrupt);
  }

  @Test
  @Order(2)
  void abortedWhileItConverges() throws Exception {
    assertStays("abort", CONVERGING, (source, command) -> abortJob(source));
  }

  @Test
  @Order(3)
  void interruptedWhileItsConnectionsAreHeld() throws Exception {
    assertStays("cancelled", HOLDING, TurningBackTest::interrupt);
  }

  @Test
  @Order(4)
  void abortedWhileItsConnectionsAreHeld() throws Exception {
    assertStays("abort", HOLDING, (source, command) -> abortJob(source));
  }

  /**
   * Its connection to libvirt is the daemon's too: whether the VM still runs only another tells.
   */
  @Test
  @Order(4)
  void libvirtdKilledWhileItsConnectionsAreHeld() throws Exception {
    assertStays("libvirt", HOLDING, (source, command) -> Daemons.restartLibvirtd(source));
  }

  @Test
  @Order(5)
  void interruptedAndAbortedWithoutHoldfast() throws Exception {
    assertStays("cancelled", PLAIN, TurningBackTest::interrupt, "--connections", "off");
    assertStays("abort", PLAIN, (source, command) -> abortJob(source), "--connections", "off");
  }

  /** Who asks for all connections gets no migration without them. */
  @Test
  @Order(6)
  void anAgentThatHangsBeforeTheTakeoverEndsAMigrationThatRequiresIt() throws Exception {
    assertStays("agent", CONVERGING, (source, command) -> hangAgent(), "--connections", "require");
    Guests.signalAgent(vm, "CONT");
  }

  /** The others move with their own sockets. */
  @Test
  @Order(7)
  void anAgentThatHangsBeforeTheTakeoverIsLeftOut() throws Exception {
    KvmHost source = vm.host();
    CommandResult said =
        load.phase(
            "hanging",
            () ->
                migrate(
                    CONVERGING,
                    (on, command) -> {
                      hangAgent();
                      stopStoring();
                    }));
    Guests.signalAgent(vm, "CONT");

    assertThat(said.exitCode()).as(said.describe()).isZero();
    assertThat(vm.host().name()).isNotEqualTo(source.name());
    assertThat(Product.report(said).getConnectionsKeptByPlainMigration()).isTrue();
    assertKept("hanging");
  }

  /** Nothing has been touched when a host cannot take over. */
  @Test
  @Order(8)
  void aHostThatCannotTakeOverSaysSoBeforeAnythingIsTouched() throws Exception {
    KvmHost source = vm.host();
    source.bash("mount -t tmpfs -o ro none /run/netns").orThrow();
    try {
      CommandResult said = source.holdfast("migrate", "--live", vm.name(), target().libvirtUri());
      assertThat(said.exitCode()).as(said.describe()).isEqualTo(1);
      assertThat(said.stderr()).contains("error: ", "cannot take domain", "Read-only");
    } finally {
      source.bash("umount /run/netns").orThrow();
    }
    assertThat(vm.host().name()).isEqualTo(source.name());
  }

  /** There is nobody left to give its connections back to. */
  @Test
  @Order(9)
  void destroyedWhileItsConnectionsAreHeld() throws Exception {
    CommandResult said =
        migrate(HOLDING, (source, command) -> source.virsh("destroy", vm.name()).orThrow());

    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.stderr()).contains("error: ", "was stopped");
    assertThat(lab.hosts()).noneMatch(host -> host.virsh("domstate", vm.name()).succeeded());
  }

  /** What is done in the middle. */
  private interface Act {
    void during(KvmHost source, BackgroundCommand command) throws InterruptedException;
  }

  private void assertStays(String word, String state, Act act, String... options) throws Exception {
    KvmHost source = vm.host();
    String name = state + " " + word;
    String limits = limits(source);
    CommandResult said = load.phase(name, () -> migrate(state, act, options));

    assertThat(said.exitCode()).as(said.describe()).isEqualTo(1);
    assertThat(said.stderr()).contains("error: ").containsIgnoringCase(word);
    assertThat(vm.host().name()).isEqualTo(source.name());
    assertThat(limits(source)).as("limits of later migrations").isEqualTo(limits);
    assertKept(name);
  }

  private String limits(KvmHost host) {
    return host.virsh("migrate-getspeed", vm.name()).orThrow().text()
        + " MiB/s, "
        + host.virsh("migrate-getmaxdowntime", vm.name()).orThrow().text()
        + " ms";
  }

  private void assertKept(String name) throws Exception {
    stopStoring();
    LoadVerdict verdict = load.settle();
    assertThat(verdict.phase(name).of()).isEqualTo(8);
    assertThat(verdict.phase(name).complaints()).isEmpty();
    assertThat(verdict.corrupted()).isZero();
    assertThat(verdict.guestErrors()).isEmpty();
  }

  private CommandResult migrate(String state, Act act, String... options)
      throws InterruptedException {
    KvmHost source = vm.host();
    List<String> words = new ArrayList<>(List.of("holdfast", "migrate", "--live", "--json"));
    words.addAll(List.of("--bandwidth", MEBIBYTES_A_SECOND));
    words.addAll(List.of(options));
    words.addAll(List.of(vm.name(), target().libvirtUri()));
    DaemonLog log = DaemonLog.fromNow(source);
    try (BackgroundCommand command = source.start(words)) {
      assertThat(log.reaches(state)).as("the migration reaches %s", state).isTrue();
      act.during(source, command);
      return command.result(BOUND);
    }
  }

  /** As Ctrl-C does. */
  private static void interrupt(KvmHost source, BackgroundCommand command) {
    command.signal("INT");
  }

  private KvmHost target() {
    return Product.other(lab, vm.host());
  }

  private void abortJob(KvmHost source) {
    source.virsh("domjobabort", vm.name()).orThrow();
  }

  private void hangAgent() {
    Guests.signalAgent(vm, "STOP");
  }

  private void stopStoring() {
    vm.exec("rm -f /tmp/storing; while pgrep -f '[s]toring.py'; do sleep 0.1; done").orThrow();
  }
}
