package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.linux.AppSocket;
import org.holdfast.linux.Nftables;
import org.holdfast.linux.SocketQueues;
import org.holdfast.linux.Traffic;
import org.holdfast.takeover.HoldOptions;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.host.DaemonProcess.Until;
import org.holdfast.tcp.SocketFamily;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What others filter at a VM's tap is filtered where its connections are held. */
@Tag("kernel")
@Timeout(60)
class FiltersWhileHeldTest {
  private static final int PORT = 7000;
  private static final ByteBuffer WORDS = Traffic.bytes(1, 5000);

  private static final String CHAIN =
      """
      add table bridge cloud
      add chain bridge cloud forward { type filter hook forward priority 0; }
      """;

  /** Lists of all that is around it, so that nothing can be removed from it unseen. */
  private static final String SEVERAL_KINDS =
      CHAIN
          + """
          add set bridge cloud guarded { type ifname; elements = { "vnet0", "vnet7" }; }
          add set bridge cloud pairs { type ifname . inet_service; elements = { "vnet0" . 9 }; }
          add chain bridge cloud group
          add map bridge cloud groups { type ifname : verdict; elements = { "vnet0" : jump group }; }
          add rule bridge cloud forward iifname "vnet0" tcp dport 9 drop comment "one"
          add rule bridge cloud forward oifname { "vnet0", "vnet7" } tcp sport 9 counter drop
          add rule bridge cloud forward iifname vmap @groups
          add rule bridge cloud forward iifname "vnet7" log prefix "vnet0"
          add rule bridge cloud group iifname . tcp dport @pairs drop
          """;

  @TempDir Path spool;

  private final TestNetwork network = new TestNetwork(1);
  private final LinuxHostNetwork host = LinuxHostNetwork.in(network.hostNamespace());
  private final List<AppSocket> open = new ArrayList<>();

  private record Pair(AppSocket guest, AppSocket peer) {}

  @AfterEach
  void remove() {
    open.forEach(AppSocket::close);
    host.close();
    network.close();
  }

  /** Of two connections, the one to the port PEER is filtered, and is so while it is held. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        add rule bridge cloud forward iifname "vnet0" ip daddr 10.77.0.50 tcp dport PEER drop
        """,
        """
        add rule bridge cloud forward oifname "vnet0" tcp sport PEER counter drop
        """,
        """
        add rule bridge cloud forward iif "vnet0" tcp dport PEER drop
        """,
        """
        add rule bridge cloud forward iifname "vnet*" tcp dport PEER drop
        """,
        """
        add rule bridge cloud forward iifname { "vnet0", "vnet7" } tcp dport { 1, PEER } drop
        """,
        """
        add rule bridge cloud forward iifname . tcp dport { "vnet0" . PEER, "vnet7" . 1 } drop
        """,
        """
        add set bridge cloud guarded { type ifname; elements = { "vnet0", "vnet7" }; }
        add rule bridge cloud forward iifname @guarded tcp dport PEER drop
        """,
        """
        add set bridge cloud guarded { type ifname . inet_service; elements = { "vnet0" . PEER }; }
        add rule bridge cloud forward iifname . tcp dport @guarded drop
        """,
        """
        add set bridge cloud guarded { type ifname; flags interval; elements = { "vnet*" }; }
        add rule bridge cloud forward iifname @guarded tcp dport PEER drop
        """,
        """
        add chain bridge cloud group
        add rule bridge cloud group tcp dport PEER drop
        add rule bridge cloud forward iifname vmap { "vnet0" : jump group, "vnet7" : drop }
        """,
        """
        add chain bridge cloud group
        add rule bridge cloud group tcp dport PEER drop
        add map bridge cloud groups { type ifname : verdict; elements = { "vnet0" : jump group }; }
        add rule bridge cloud forward iifname vmap @groups
        """,
        """
        add rule bridge cloud forward iifname "vnet0" tcp dport != PEER accept
        add rule bridge cloud forward oifname "vnet0" accept
        add rule bridge cloud forward ether type ip drop
        """
      })
  void whatATapMayNotItsConnectionsMayNotWhileTheyAreHeld(String rules) throws Exception {
    Pair filtered = connect();
    Pair free = connect();
    network.hostRules(
        CHAIN + rules.replace("PEER", Integer.toString(filtered.peer().localAddress().getPort())));
    String before = ruleset();
    try (TakeoverNamespace takeover = prepare()) {
      takeover.fence();
      new OwnSockets(network.guest()).takeOver(takeover, List.of(filtered.guest(), free.guest()));
      filtered.peer().send(WORDS);
      free.peer().send(WORDS);
      Thread.sleep(300);
      assertThat(unacknowledged(free)).isZero();
      assertThat(unacknowledged(filtered)).as("what the filter kept back").isEqualTo(5000);
    }
    assertThat(withoutCounters(ruleset())).isEqualTo(withoutCounters(before));
    assertThat(host.leftovers().find()).isEmpty();
  }

  private static int unacknowledged(Pair pair) {
    return SocketQueues.unacknowledged(pair.peer().descriptor());
  }

  private static String withoutCounters(String ruleset) {
    return ruleset.replaceAll("packets \\d+ bytes \\d+", "");
  }

  /** As libvirt's nwfilter has them; what ebtables lists, libvirt must still be able to read. */
  @Test
  void whatEbtablesFiltersIsFilteredToo() throws Exception {
    assumeThat(ebtables("-V")).as("ebtables are those of nftables").contains("nf_tables");
    Pair filtered = connect();
    Pair free = connect();
    ebtables("-t nat -N libvirt-I-vnet0");
    ebtables("-t nat -A PREROUTING -i vnet0 -j libvirt-I-vnet0");
    ebtables("-t nat -A PREROUTING -i vnet0 -p IPv4 --ip-tos 4 -j DROP");
    ebtables("-t nat -A libvirt-I-vnet0 -p ARP --arp-opcode Request -j ACCEPT");
    ebtables(
        "-t nat -A libvirt-I-vnet0 -p IPv4 --ip-proto tcp --ip-dport "
            + filtered.peer().localAddress().getPort()
            + " -j DROP");
    String before = withoutCounters(ruleset());
    try (TakeoverNamespace takeover = prepare()) {
      takeover.fence();
      new OwnSockets(network.guest()).takeOver(takeover, List.of(filtered.guest(), free.guest()));
      filtered.peer().send(WORDS);
      free.peer().send(WORDS);
      Thread.sleep(300);
      assertThat(unacknowledged(free)).isZero();
      assertThat(unacknowledged(filtered)).as("what the filter kept back").isEqualTo(5000);
      String port = "hf" + takeover.name().substring(3) + "t0";
      assertThat(ebtables("-t nat -L PREROUTING"))
          .contains("-i vnet0 -j libvirt-I-vnet0")
          .contains("-i " + port + " -j libvirt-I-vnet0")
          .doesNotContain("-i " + port + " -p");
    }
    assertThat(withoutCounters(ruleset())).isEqualTo(before);
  }

  private String ebtables(String arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("ebtables"));
    command.addAll(List.of(arguments.split(" ", -1)));
    Process process =
        network.host().call(() -> new ProcessBuilder(command).redirectErrorStream(true).start());
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  @Test
  void allThatNamesTheTapNamesThePortsTooUntilItIsClosed() {
    network.hostRules(SEVERAL_KINDS);
    String before = ruleset();
    try (TakeoverNamespace takeover = prepare()) {
      String port = "hf" + takeover.name().substring(3) + "t0";
      assertThat(ruleset().lines().map(String::strip))
          .containsSubsequence(
              "iifname \"vnet0\" tcp dport 9 drop comment \"one\"",
              "iifname \"" + port + "\" tcp dport 9 drop comment \"one\"",
              "oifname { \"vnet0\", \"vnet7\" } tcp sport 9 counter packets 0 bytes 0 drop",
              "oifname \"" + port + "\" tcp sport 9 counter packets 0 bytes 0 drop",
              "iifname \"vnet7\" log prefix \"vnet0\"");
      assertThat(ruleset()).contains('"' + port + "\" : jump group").contains(port + "\" . 9");
      assertThat(host.leftovers().find()).as("somebody needs them").isEmpty();
    }
    assertThat(ruleset()).isEqualTo(before);
  }

  /** Read as JSON and written as JSON, a rule must still be the same: nft shows both as text. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "bridge: ether saddr 52:54:00:00:00:01 ether type arp arp operation request accept",
        "inet: ip saddr 192.0.2.0/24 tcp dport { 22, 80-90 } ct state { established, related } accept",
        "inet: ct state established,related counter accept",
        "inet: ct state new limit rate over 10/second burst 20 packets drop",
        "inet: ct direction original ct mark set meta mark",
        "bridge: ip6 saddr fe80::/10 icmpv6 type { nd-neighbor-solicit, nd-router-advert } accept",
        "bridge: tcp flags & (fin | syn | rst | ack) == syn tcp option maxseg size 1-500 drop",
        "bridge: meta l4proto { tcp, udp } th dport 53 meta mark set 0x00000007",
        "bridge: meta mark & 0x000000ff == 0x00000003 log prefix \"vnet0: \" level info",
        "bridge: ether type vlan vlan id 7 drop",
        "bridge: udp dport vmap { 67 : drop, 68 : accept }",
        "bridge: pkttype multicast limit rate 100 kbytes/second accept",
        "bridge: meta length > 1400 ip frag-off & 8191 != 0 drop",
        "bridge: @th,16,16 5353 drop",
        "bridge: quota over 10 mbytes drop",
        "bridge: update @seen { ip saddr timeout 1m }",
        "bridge: meta priority set 0001:0002 ip dscp cs1 continue",
        "inet: fib saddr type local return",
        "inet: reject with icmpx type admin-prohibited"
      })
  void aCopySaysWhatTheRuleSays(String familyAndRule) {
    int colon = familyAndRule.indexOf(':');
    network.hostRules(
        """
        add table FAMILY cloud
        add set FAMILY cloud seen { type ipv4_addr; flags dynamic,timeout; size 99; }
        add chain FAMILY cloud group
        add rule FAMILY cloud group iifname "vnet0" RULE
        """
            .replace("FAMILY", familyAndRule.substring(0, colon))
            .replace("RULE", familyAndRule.substring(colon + 2)));
    String before = ruleset();
    List<String> said = before.lines().filter(line -> line.contains("iifname \"vnet0\"")).toList();
    assertThat(said).hasSize(1);
    try (TakeoverNamespace takeover = prepare()) {
      String port = "hf" + takeover.name().substring(3);
      String name = "iifname \"vnet0\"";
      assertThat(ruleset().lines())
          .containsSequence(
              said.get(0),
              said.get(0).replace(name, "iifname \"" + port + "t0\""),
              said.get(0).replace(name, "iifname \"" + port + "k0\""));
    }
    assertThat(ruleset()).isEqualTo(before);
  }

  @Test
  void whatHasChangedMeanwhileIsLeftAsItIs() {
    network.hostRules(SEVERAL_KINDS);
    try (TakeoverNamespace takeover = prepare()) {
      assertThat(takeover.name()).isNotEmpty();
      network.hostRules("flush chain bridge cloud forward\ndelete map bridge cloud groups\n");
      network.hostRules("add rule bridge cloud forward iifname \"vnet0\" drop");
    }
    assertThat(ruleset()).contains("iifname \"vnet0\" drop").doesNotContain("\"hf");
  }

  /** libvirt takes a tap's chains away with the tap, and cannot while a copy leads to them. */
  @Test
  void aChainThatItsOwnerCouldNotDeleteIsDeleted() throws Exception {
    assumeThat(ebtables("-V")).as("ebtables are those of nftables").contains("nf_tables");
    ebtables("-t nat -N libvirt-I-vnet0");
    ebtables("-t nat -N libvirt-O-vnet0");
    ebtables("-t nat -A libvirt-I-vnet0 -p ARP -j DROP");
    ebtables("-t nat -A PREROUTING -i vnet0 -j libvirt-I-vnet0");
    ebtables("-t nat -A POSTROUTING -o vnet0 -j libvirt-O-vnet0");
    try (TakeoverNamespace takeover = prepare()) {
      assertThat(takeover.name()).isNotEmpty();
      ebtables("-t nat -D PREROUTING -i vnet0 -j libvirt-I-vnet0");
      ebtables("-t nat -D POSTROUTING -o vnet0 -j libvirt-O-vnet0");
      ebtables("-t nat -F libvirt-I-vnet0");
      assertThatThrownBy(() -> ebtables("-t nat -X libvirt-I-vnet0")).hasMessageContaining("busy");
    }
    assertThat(ruleset()).doesNotContain("libvirt-");
  }

  @Test
  void aChainInWhichItsOwnerHasRulesOrToWhichHeLeadsStays() {
    network.hostRules(
        CHAIN
            + """
            add chain bridge cloud filled
            add chain bridge cloud used
            add chain bridge cloud unused
            add rule bridge cloud filled tcp dport 9 accept
            add rule bridge cloud forward iifname "vnet7" goto used
            add map bridge cloud one { type ifname : verdict; elements = { "vnet0" : jump filled }; }
            add map bridge cloud two { type ifname : verdict; elements = { "vnet0" : jump used }; }
            add map bridge cloud three { type ifname : verdict; elements = { "vnet0" : jump unused }; }
            """);
    try (TakeoverNamespace takeover = prepare()) {
      assertThat(takeover.name()).isNotEmpty();
      for (String map : List.of("one", "two", "three")) {
        network.hostRules("delete element bridge cloud %s { \"vnet0\" }%n".formatted(map));
      }
    }
    assertThat(ruleset()).contains("chain filled", "chain used").doesNotContain("chain unused");
  }

  /**
   * One for all but the tap, a set that is fixed, a chain at the tap: nothing is added to these.
   */
  @Test
  void aRuleThatCannotBeCopiedStopsNothing() {
    network.hostRules(
        SEVERAL_KINDS
            + """
            add rule bridge cloud forward iifname != "vnet0" tcp dport 9 drop
            add set bridge cloud fixed { type ifname; flags constant; elements = { "vnet0" }; }
            add rule bridge cloud forward iifname @fixed tcp dport 9 drop
            add table netdev cloud
            add chain netdev cloud vm { type filter hook ingress device "vnet0" priority 0; }
            """);
    String before = ruleset();
    try (TakeoverNamespace takeover = prepare()) {
      assertThat(ruleset())
          .contains("iifname \"hf" + takeover.name().substring(3) + "t0\" tcp dport 9 drop")
          .contains("elements = { \"vnet0\" }")
          .doesNotContain("iifname != \"hf");
    }
    assertThat(ruleset()).isEqualTo(before);
  }

  @Test
  void withoutARuleForTheTapNothingIsAdded() {
    network.hostRules(SEVERAL_KINDS.replace("vnet0", "vnet1"));
    String before = ruleset();
    try (TakeoverNamespace takeover = prepare()) {
      assertThat(takeover.name()).isNotEmpty();
      network.hostRules("add table bridge probe");
      assertThat(ruleset()).contains(before.strip());
      network.hostRules("delete table bridge probe");
    }
    assertThat(ruleset()).isEqualTo(before);
  }

  @Test
  void whatADaemonLeftThatDiedIsRemoved() throws Exception {
    network.hostRules(SEVERAL_KINDS);
    String before = ruleset();
    try (GuestProcess guest = new GuestProcess(network.guest())) {
      DaemonProcess.run(Until.RECREATED, network, guest, spool).kill();
      assertThat(ruleset()).contains("iifname \"hf");
      try (LinuxHostNetwork restarted = LinuxHostNetwork.in(network.hostNamespace())) {
        assertThat(restarted.leftovers().find())
            .contains(
                "copy in table bridge cloud, chain forward",
                "copy in table bridge cloud, map groups");
        restarted.leftovers().remove();
        assertThat(restarted.leftovers().find()).isEmpty();
      }
    }
    assertThat(ruleset()).isEqualTo(before);
  }

  @Test
  void whatIsTakenUpIsFilteredOnAndLeavesNothing() throws Exception {
    network.hostRules(SEVERAL_KINDS);
    String before = ruleset();
    try (GuestProcess guest = new GuestProcess(network.guest())) {
      DaemonProcess.run(Until.HELD, network, guest, spool).kill();
      try (LinuxHostNetwork restarted = LinuxHostNetwork.in(network.hostNamespace());
          TakeoverNamespace held = restarted.kept().get(0).takeUp(DaemonProcess.options(spool))) {
        assertThat(restarted.leftovers().find()).isEmpty();
        assertThat(ruleset()).contains(held.name().substring(3) + "t0\" tcp dport 9 drop");
      }
    }
    assertThat(ruleset()).isEqualTo(before);
  }

  private TakeoverNamespace prepare() {
    return host.prepare(network.vmInterfaces(), HoldOptions.defaults());
  }

  private String ruleset() {
    return network
        .host()
        .call(
            () -> {
              try (Nftables nftables = new Nftables()) {
                return nftables.run("list ruleset");
              }
            });
  }

  private Pair connect() {
    InetSocketAddress address = new InetSocketAddress(TestNetwork.address("10.77.0.1"), PORT);
    try (AppSocket server =
        network.guest().call(() -> AppSocket.listen(SocketFamily.IPV4, address))) {
      AppSocket peer = network.peer().call(() -> AppSocket.create(SocketFamily.IPV4));
      peer.connect(address);
      AppSocket accepted = server.accept(SocketFamily.IPV4);
      open.add(accepted);
      open.add(peer);
      return new Pair(accepted, peer);
    }
  }
}
