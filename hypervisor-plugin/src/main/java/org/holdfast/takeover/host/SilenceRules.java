package org.holdfast.takeover.host;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.tcp.TcpSnapshot;

/**
 * What a takeover namespace may say and hear, as nftables rules that stand before it has an
 * address. Everything not named here is dropped without an answer:
 *
 * <ul>
 *   <li>TCP of held connections; never a RST; a FIN only where the VM itself had said it before
 *   <li>neighbour discovery (ARP passes by these rules and is answered by the kernel)
 *   <li>what the namespace tells itself: half-closed copies hear their peer's FIN over {@code lo}
 *   <li>no urgent data, which a copy could not hand on: the peer sends it again until the VM is
 *       back
 *   <li>inwards: "fragmentation needed" and "packet too big"
 * </ul>
 *
 * <p>A process that dies, a socket that is closed by mistake, a stranger's segment: none of them
 * makes the namespace say a word that the VM would not have said.
 */
final class SilenceRules {
  static final String CONNECTION4 = "{ type ipv4_addr . inet_service . ipv4_addr . inet_service; }";
  static final String CONNECTION6 = "{ type ipv6_addr . inet_service . ipv6_addr . inet_service; }";

  /** Sets name a connection as the VM sees it: local address and port, peer address and port. */
  static final String TABLE =
      """
      add table inet holdfast
      add set inet holdfast held4 %1$s
      add set inet holdfast held6 %2$s
      add set inet holdfast finishing4 %1$s
      add set inet holdfast finishing6 %2$s
      add chain inet holdfast said { type filter hook output priority -300; policy drop; }
      add chain inet holdfast heard { type filter hook prerouting priority -300; policy drop; }
      add chain inet holdfast forwarded { type filter hook forward priority 0; policy drop; }
      add rule inet holdfast said oifname lo accept
      add rule inet holdfast said tcp flags & rst != 0 counter drop
      add rule inet holdfast said ip saddr . tcp sport . ip daddr . tcp dport @finishing4 accept
      add rule inet holdfast said ip6 saddr . tcp sport . ip6 daddr . tcp dport @finishing6 accept
      add rule inet holdfast said tcp flags & fin != 0 counter drop
      add rule inet holdfast said ip saddr . tcp sport . ip daddr . tcp dport @held4 accept
      add rule inet holdfast said ip6 saddr . tcp sport . ip6 daddr . tcp dport @held6 accept
      add rule inet holdfast said icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
      add rule inet holdfast heard iifname lo accept
      add rule inet holdfast heard tcp flags & urg != 0 counter drop
      add rule inet holdfast heard ip daddr . tcp dport . ip saddr . tcp sport @held4 accept
      add rule inet holdfast heard ip6 daddr . tcp dport . ip6 saddr . tcp sport @held6 accept
      add rule inet holdfast heard icmp type destination-unreachable icmp code frag-needed accept
      add rule inet holdfast heard icmpv6 type { packet-too-big, nd-neighbor-solicit, nd-neighbor-advert } accept
      """
          .formatted(CONNECTION4, CONNECTION6);

  /** Enters a connection of nobody and takes it out again. */
  static final String REHEARSAL =
      """
      add element inet holdfast held4 { 127.0.0.1 . 1 . 127.0.0.1 . 2 }
      delete element inet holdfast held4 { 127.0.0.1 . 1 . 127.0.0.1 . 2 }
      """;

  private SilenceRules() {}

  /** Lets the namespace hear and say what belongs to these connections; one transaction. */
  static String admit(List<TcpSnapshot> connections) {
    List<TcpSnapshot> finishing =
        connections.stream().filter(connection -> connection.state().finQueued()).toList();
    return elements("inet", "held", connections) + elements("inet", "finishing", finishing);
  }

  /**
   * Enters connections into a pair of sets, one for each version of IP; empty if there are none.
   *
   * @param family of our table
   * @param set without the version at its end
   */
  static String elements(String family, String set, List<TcpSnapshot> connections) {
    List<String> version4 = new ArrayList<>();
    List<String> version6 = new ArrayList<>();
    for (TcpSnapshot connection : connections) {
      boolean ipv4 = connection.local().getAddress() instanceof Inet4Address;
      (ipv4 ? version4 : version6).add(element(connection));
    }
    return add(family, set + "4", version4) + add(family, set + "6", version6);
  }

  private static String add(String family, String set, List<String> elements) {
    return elements.isEmpty()
        ? ""
        : "add element %s holdfast %s { %s }%n".formatted(family, set, String.join(", ", elements));
  }

  private static String element(TcpSnapshot connection) {
    return end(connection.local()) + " . " + end(connection.peer());
  }

  private static String end(InetSocketAddress end) {
    return text(end.getAddress()) + " . " + end.getPort();
  }

  /** Numbers and colons, without a scope. */
  static String text(InetAddress address) {
    String text = address.getHostAddress();
    int scope = text.indexOf('%');
    return scope < 0 ? text : text.substring(0, scope);
  }
}
