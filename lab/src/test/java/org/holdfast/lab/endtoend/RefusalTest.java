package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.holdfast.lab.CommandResult;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.fault.HostFootprint;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** What cannot be done is refused in words, with exit status 1, before anything is touched. */
@Tag("lab")
@ExtendWith(LabExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RefusalTest {
  private static final String VM = "refused";

  private final Lab lab;
  private final KvmHost source;
  private final KvmHost target;
  private final List<Runnable> repairs = new ArrayList<>();

  RefusalTest(Lab lab) {
    this.lab = lab;
    this.source = lab.host("kvm1");
    this.target = lab.host("kvm2");
  }

  @BeforeAll
  void boot() {
    lab.startVm(VmOptions.named(VM).withInterfaces(2)).awaitReady();
  }

  @AfterEach
  void repair() {
    repairs.forEach(Runnable::run);
    repairs.clear();
  }

  @AfterAll
  void destroy() {
    lab.vm(VM).destroy();
  }

  @Test
  void whatIsMisnamed() {
    assertRefused(VM, "no domain|not found|unknown", "migrate", "--live", "nobody", uri("kvm2"));
    assertRefused(VM, "nohost|resolve|reach", "migrate", "--live", VM, uri("nohost"));
    assertRefused(VM, "same host|this host", "migrate", "--live", VM, uri("kvm1"));
    assertRefused(VM, "URI", "migrate", "--live", VM, "elsewhere");
    assertRefused(VM, "held", "resume", VM);
    assertRefused(VM, "no domain|not found|unknown", "suspend", "nobody");
  }

  @Test
  void aTargetWithoutDaemon() {
    target.exec("service", "holdfastd", "stop").orThrow();
    repairs.add(() -> target.exec("service", "holdfastd", "start"));

    assertRefused(VM, "holdfastd", "migrate", "--live", VM, uri("kvm2"));
  }

  @Test
  void aTargetWithoutLibvirt() {
    target.exec("service", "libvirtd", "stop").orThrow();
    repairs.add(() -> target.exec("service", "libvirtd", "start"));

    assertRefused(VM, "libvirt", "migrate", "--live", VM, uri("kvm2"));
  }

  @Test
  void aTargetWithoutTheBridge() {
    rename("br1", "elsewhere");
    repairs.add(() -> rename("elsewhere", "br1"));

    assertRefused(VM, "br1", "migrate", "--live", VM, uri("kvm2"));
  }

  private void rename(String from, String to) {
    String script = "ip link set %1$s down && ip link set %1$s name %2$s && ip link set %2$s up";
    target.bash(script.formatted(from, to)).orThrow();
  }

  @Test
  void anAgentThatDoesNotAnswer() {
    // Stopped, not ended: the guest's init would start it again.
    lab.vm(VM).exec("kill -STOP $(pidof java)").orThrow();
    repairs.add(() -> lab.vm(VM).exec("kill -CONT $(pidof java)"));

    assertRefused(VM, "agent", "migrate", "--live", "--connections", "require", VM, uri("kvm2"));
  }

  /**
   * One VM for both, since it takes long to boot: what is wrong with its interface is said first.
   */
  @Test
  void aGuestWithoutTheChannelAndThenWithAnInterfaceThatIsNotOnABridge() {
    String vm = "mute";
    String file = "/run/lab-user-interface.xml";
    repairs.add(() -> lab.vm(vm).destroy());
    repairs.add(() -> source.exec("rm", "-f", file));
    lab.startVm(VmOptions.named(vm).withoutAgentChannel()).awaitReady();

    assertRefused(vm, "agent", "migrate", "--live", "--connections", "require", vm, uri("kvm2"));
    assertRefused(vm, "agent", "suspend", vm);
    source.writeFile(file, "<interface type='user'><model type='virtio'/></interface>");
    source.virsh("attach-device", vm, file, "--live").orThrow();
    assertRefused(vm, "user", "migrate", "--live", "--connections", "require", vm, uri("kvm2"));
  }

  private static String uri(String host) {
    return "qemu+tcp://" + host + "/system";
  }

  /**
   * Runs the command on the source.
   *
   * @param vmName the VM that must go on running on the source
   * @param expected what the message must name, a regular expression
   */
  private void assertRefused(String vmName, String expected, String... words) {
    Map<String, String> before = HostFootprint.of(lab);

    CommandResult result = source.holdfast(words);

    assertThat(result.exitCode()).as(result.describe()).isEqualTo(1);
    assertThat(result.stderr()).startsWith("error: ").containsPattern("(?i)" + expected);
    assertThat(result.stderr()).doesNotContain("Exception", "\tat ");
    assertThat(HostFootprint.differences(before, HostFootprint.of(lab)))
        .as("hosts after: " + result.describe())
        .isEmpty();
    assertThat(source.virsh("domstate", vmName).text()).isEqualTo("running");
    VirtualMachine vm = lab.vm(vmName);
    assertThat(vm.exec("true").succeeded()).as("the VM answers").isTrue();
  }
}
