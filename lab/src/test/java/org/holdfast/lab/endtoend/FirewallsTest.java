package org.holdfast.lab.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.assertj.core.api.SoftAssertions;
import org.holdfast.lab.KvmHost;
import org.holdfast.lab.Lab;
import org.holdfast.lab.Product;
import org.holdfast.lab.VirtualMachine;
import org.holdfast.lab.VmOptions;
import org.holdfast.lab.workload.LoadOptions;
import org.holdfast.lab.workload.LoadRun;
import org.holdfast.lab.workload.LoadVerdict;
import org.holdfast.proto.v1.MigrationReport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The firewalls that operators have, themselves: ufw and firewalld in the guest, an nwfilter of
 * libvirt's at its tap. {@code GuestFirewallTest} and {@code FiltersWhileHeldTest} look closer.
 */
@Tag("lab")
@ExtendWith(LabExtension.class)
class FirewallsTest {
  private static final Duration AWAY = Duration.ofSeconds(3);
  private static final int STREAMS = 8;

  /** Nobody speaks with another's MAC, and what comes for Redis does not reach the VM. */
  private static final String NWFILTER =
      """
      <filter name='holdfast-lab' chain='root'>
        <filterref filter='no-mac-spoofing'/>
        <filterref filter='no-arp-mac-spoofing'/>
        <rule action='drop' direction='in'>
          <ip protocol='tcp' dstportstart='6379'/>
        </rule>
      </filter>
      """;

  private static final String UFW =
      """
      ufw default deny incoming
      ufw allow proto tcp to any port 22,7001:7002
      ufw --force enable
      iptables -S | grep -q 'ctstate INVALID -j DROP'
      """;

  private static final String FIREWALLD =
      """
      ufw --force disable
      mkdir -p /run/dbus
      dbus-daemon --system --fork
      cat > /etc/firewalld/zones/public.xml <<'END'
      <zone><service name="ssh"/><port protocol="tcp" port="7001-7002"/></zone>
      END
      firewalld --nofork > /var/log/firewalld.log 2>&1 < /dev/null &
      until nft list chain inet firewalld filter_INPUT | grep -q 'ct state invalid drop'; do
          sleep 0.5
      done 2> /dev/null
      """;

  private final Lab lab;
  private final VirtualMachine vm;

  FirewallsTest(Lab lab) {
    this.lab = lab;
    lab.hosts().forEach(FirewallsTest::define);
    this.vm = lab.startVm(VmOptions.named("walled").withFilter("holdfast-lab")).awaitReady();
  }

  private static void define(KvmHost host) {
    host.bash("cat > /tmp/nwfilter.xml <<'END'\n" + NWFILTER + "END").orThrow();
    host.virsh("nwfilter-define", "/tmp/nwfilter.xml").orThrow();
  }

  @AfterEach
  void destroy() {
    vm.destroy();
    lab.hosts().forEach(host -> host.virsh("nwfilter-undefine", "holdfast-lab"));
  }

  /** Moved, and away for a while; the filter is at the tap wherever the VM is. */
  @Test
  void connectionsAreKeptBehindThemAll() throws Exception {
    assertThat(redisAnswers()).as("through the nwfilter").isFalse();
    vm.exec(UFW).orThrow();
    try (LoadRun load = LoadRun.start(lab, vm, LoadOptions.streamsOnly(STREAMS))) {
      MigrationReport there = load.phase("ufw", () -> Product.migrate(lab, vm));
      assertThat(redisAnswers()).as("through the nwfilter over there").isFalse();
      vm.exec(FIREWALLD).orThrow();
      MigrationReport away = load.phase("firewalld", this::sleepAndWake);
      assertThat(redisAnswers()).as("through the nwfilter afterwards").isFalse();

      LoadVerdict verdict = load.stop();
      SoftAssertions.assertSoftly(
          check -> {
            AllKept.check(check, there, verdict, "ufw", STREAMS + 1);
            AllKept.check(check, away, verdict, "firewalld", STREAMS + 1);
          });
    }
    vm.destroy();
    assertThat(lab.hosts())
        .allSatisfy(
            host -> assertThat(host.bash("nft list ruleset").text()).doesNotContain("libvirt-"));
  }

  private MigrationReport sleepAndWake() throws InterruptedException {
    KvmHost host = vm.host();
    host.holdfast("suspend", vm.name()).orThrow();
    Thread.sleep(AWAY.toMillis());
    return Product.resume(host, vm.name());
  }

  private boolean redisAnswers() {
    return lab.peer().bash("timeout 2 redis-cli -h " + vm.ipv4() + " ping").succeeded();
  }
}
