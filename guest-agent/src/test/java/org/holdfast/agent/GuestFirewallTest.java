package org.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.holdfast.linux.NetworkNamespaces;
import org.holdfast.linux.NetworkNamespaces.Place;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Firewalls as guests have them. Their connection tracking never saw what the host acknowledged,
 * and calls the rest of each connection invalid unless its entry is renewed.
 */
@Tag("kernel")
class GuestFirewallTest {

  /** As in the manual of nft and most handwritten rule sets. */
  private static final String PLAIN =
      """
      table inet filter {
        chain input {
          type filter hook input priority 0; policy drop;
          ct state invalid drop
          ct state established,related accept
          iif lo accept
          meta l4proto { icmp, icmpv6 } accept
          tcp dport { 7000, 7001 } ct state new accept
        }
        chain output {
          type filter hook output priority 0; policy drop;
          ct state invalid drop
          ct state established,related accept
          oif lo accept
          meta l4proto { icmp, icmpv6 } accept
        }
      }
      """;

  /** What ufw's chains come to: new connections begin with a SYN, what is invalid goes. */
  private static final String LIKE_UFW =
      """
      table inet ufw {
        chain before_input {
          iif lo accept
          ct state related,established accept
          ct state invalid jump logging_deny
          ct state invalid drop
          meta l4proto { icmp, icmpv6 } accept
        }
        chain logging_deny { limit rate 3/minute burst 10 packets counter return; }
        chain user_input { tcp dport { 7000, 7001 } tcp flags & (syn | ack | rst | fin) == syn accept; }
        chain before_output { oif lo accept; ct state related,established accept; }
        chain track_output { meta l4proto tcp ct state new accept; meta l4proto icmpv6 accept; }
        chain input {
          type filter hook input priority 0; policy drop;
          jump before_input
          jump user_input
        }
        chain output {
          type filter hook output priority 0; policy drop;
          jump before_output
          jump track_output
        }
      }
      """;

  /** What firewalld's zones come to: rejected with a word, which ends the peer's connection. */
  private static final String LIKE_FIREWALLD =
      """
      table inet firewalld {
        chain filter_PREROUTING {
          type filter hook prerouting priority 10; policy accept;
          icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept
          meta nfproto ipv6 fib saddr . mark . iif oif missing drop
        }
        chain filter_INPUT {
          type filter hook input priority 10; policy accept;
          ct state { established, related } accept
          ct status dnat accept
          iifname "lo" accept
          jump filter_IN_public
          ct state { invalid } drop
          reject with tcp reset
        }
        chain filter_IN_public {
          meta l4proto { icmp, icmpv6 } accept
          tcp dport { 7000, 7001 } ct state { new, untracked } accept
        }
        chain filter_OUTPUT {
          type filter hook output priority 10; policy accept;
          oifname "lo" accept
          ct state { invalid } drop
        }
      }
      """;

  @TempDir Path directory;

  static Stream<Named<String>> ruleSets() {
    return Stream.of(
        Named.of("plain nftables", PLAIN),
        Named.of("ufw", LIKE_UFW),
        Named.of("firewalld", LIKE_FIREWALLD));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ruleSets")
  void everyConnectionLivesOn(String rules) throws Exception {
    try (NetworkNamespaces network = new NetworkNamespaces();
        EchoServer server = EchoServer.start(network.nameOf(Place.GUEST), directory, List.of());
        AgentProcess agent =
            AgentProcess.start(network.nameOf(Place.GUEST), directory, "--no-rehearsal")) {
      network.rules(Place.GUEST, rules);
      List<EchoPeer> peers = TakeoverTest.connect(network);
      for (int round = 0; round < 2; round++) {
        TakeoverTest.roundTrip(network, agent.host(), peers.size());
        TakeoverTest.awaitProgressOfAll(peers);
      }
      for (EchoPeer peer : peers) {
        peer.finish();
      }
      assertThat(server.complaints()).isEmpty();
    }
  }
}
