package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.holdfast.lab.CommandResult;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What cannot be done is refused in words, with exit status 1, before anything is touched. */
@Tag("lab")
@ExtendWith(LabExtension.class)
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

  @AfterEach
  void repair() {
    repairs.forEach(Runnable::run);
    lab.vms().stream().filter(vm -> vm.name().equals(VM)).forEach(VirtualMachine::destroy);
  }

  private VirtualMachine boot(VmOptions options) {
    return lab.startVm(options).awaitReady();
  }

  @Test
  void whatIsMisnamed() {
    boot(VmOptions.named(VM));

    assertRefused("no domain|not found|unknown", "migrate", "--live", "nobody", uri("kvm2"));
    assertRefused("nohost|resolve|reach", "migrate", "--live", VM, uri("nohost"));
    assertRefused("same host|this host", "migrate", "--live", VM, uri("kvm1"));
    assertRefused("URI", "migrate", "--live", VM, "elsewhere");
    assertRefused("held", "resume", VM);
    assertRefused("no domain|not found|unknown", "suspend", "nobody");
  }

  @Test
  void aTargetWithoutDaemon() {
    boot(VmOptions.named(VM));
    target.exec("service", "holdfastd", "stop").orThrow();
    repairs.add(() -> target.exec("service", "holdfastd", "start"));

    assertRefused("holdfastd", "migrate", "--live", VM, uri("kvm2"));
  }

  @Test
  void aTargetWithoutLibvirt() {
    boot(VmOptions.named(VM));
    target.exec("service", "libvirtd", "stop").orThrow();
    repairs.add(() -> target.exec("service", "libvirtd", "start"));

    assertRefused("libvirt", "migrate", "--live", VM, uri("kvm2"));
  }

  @Test
  void aTargetWithoutTheBridge() {
    boot(VmOptions.named(VM).withInterfaces(2));
    rename("br1", "elsewhere");
    repairs.add(() -> rename("elsewhere", "br1"));

    assertRefused("br1", "migrate", "--live", VM, uri("kvm2"));
  }

  private void rename(String from, String to) {
    String script = "ip link set %1$s down && ip link set %1$s name %2$s && ip link set %2$s up";
    target.bash(script.formatted(from, to)).orThrow();
  }

  @Test
  void aGuestWithoutTheChannel() {
    boot(VmOptions.named(VM).withoutAgentChannel());

    assertRefused("agent", "migrate", "--live", "--connections", "require", VM, uri("kvm2"));
    assertRefused("agent", "suspend", VM);
  }

  @Test
  void anAgentThatDoesNotAnswer() {
    VirtualMachine vm = boot(VmOptions.named(VM));
    // Stopped, not ended: the guest's init would start it again.
    vm.exec("kill -STOP $(pgrep -f org.holdfast.agent.AgentMain)").orThrow();

    assertRefused("agent", "migrate", "--live", "--connections", "require", VM, uri("kvm2"));
  }

  @Test
  void anInterfaceThatIsNotOnABridge() {
    boot(VmOptions.named(VM));
    String file = "/run/lab-user-interface.xml";
    source.writeFile(file, "<interface type='user'><model type='virtio'/></interface>");
    source.virsh("attach-device", VM, file, "--live").orThrow();
    repairs.add(() -> source.exec("rm", "-f", file));

    assertRefused("user", "migrate", "--live", "--connections", "require", VM, uri("kvm2"));
  }

  private static String uri(String host) {
    return "qemu+tcp://" + host + "/system";
  }

  /**
   * Runs the command on the source.
   *
   * @param expected what the message must name, a regular expression
   */
  private void assertRefused(String expected, String... words) {
    Map<String, Object> before = footprints();

    CommandResult result = source.holdfast(words);

    assertThat(result.exitCode()).as(result.describe()).isEqualTo(1);
    assertThat(result.stderr()).startsWith("error: ").containsPattern("(?i)" + expected);
    assertThat(result.stderr()).doesNotContain("Exception", "\tat ");
    assertThat(footprints()).as("hosts after: " + result.describe()).isEqualTo(before);
    assertThat(source.virsh("domstate", VM).text()).isEqualTo("running");
    VirtualMachine vm = lab.vm(VM);
    assertThat(vm.exec("true").succeeded()).as("the VM answers").isTrue();
  }

  private Map<String, Object> footprints() {
    Map<String, Object> footprints = new TreeMap<>();
    lab.hosts().forEach(host -> footprints.put(host.name(), HostFootprint.of(host)));
    return footprints;
  }
}
