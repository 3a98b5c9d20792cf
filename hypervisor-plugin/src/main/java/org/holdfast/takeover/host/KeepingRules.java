package org.holdfast.takeover.host;

import java.util.List;
import java.util.Locale;
import org.holdfast.takeover.VmInterface;
import org.holdfast.tcp.TcpSnapshot;

/**
 * Sorts what reaches a takeover namespace before its stack sees it, as nftables rules at the
 * device: what belongs to a held connection, ARP and neighbour discovery pass; all else that is
 * meant for the VM alone is sent out of the link to the parking port, where {@link FrameKeeper}
 * picks it up. It never reaches the stack, which therefore cannot answer it.
 *
 * <p>Group frames pass too, and are dropped by {@link SilenceRules}: who sends them repeats them,
 * and an old one misleads.
 */
final class KeepingRules {
  private static final String SETS =
      """
      add table netdev holdfast
      add set netdev holdfast held4 %s
      add set netdev holdfast held6 %s
      """
          .formatted(SilenceRules.CONNECTION4, SilenceRules.CONNECTION6);

  private static final String CHAIN =
      """
      add chain netdev holdfast arriving%1$d { type filter hook ingress device "%2$s" priority 0; }
      add rule netdev holdfast arriving%1$d ether daddr != %3$s accept
      add rule netdev holdfast arriving%1$d ether saddr %3$s drop
      add rule netdev holdfast arriving%1$d meta protocol arp accept
      add rule netdev holdfast arriving%1$d ip daddr . tcp dport . ip saddr . tcp sport @held4 accept
      add rule netdev holdfast arriving%1$d ip6 daddr . tcp dport . ip6 saddr . tcp sport @held6 accept
      add rule netdev holdfast arriving%1$d icmp type destination-unreachable icmp code frag-needed accept
      add rule netdev holdfast arriving%1$d icmpv6 type { packet-too-big, nd-neighbor-solicit, nd-neighbor-advert } accept
      add rule netdev holdfast arriving%1$d fwd to "%4$s"
      """;

  private KeepingRules() {}

  /** The rules for the namespace's devices, which must exist. */
  static String table(List<VmInterface> interfaces) {
    StringBuilder rules = new StringBuilder(SETS);
    for (int i = 0; i < interfaces.size(); i++) {
      rules.append(
          String.format(
              Locale.ROOT,
              CHAIN,
              i,
              OwnNames.inside(i),
              interfaces.get(i).mac(),
              OwnNames.insideParking(i)));
    }
    return rules.toString();
  }

  /** Lets frames of these connections pass; empty if there are none. */
  static String admit(List<TcpSnapshot> connections) {
    return SilenceRules.elements("netdev", "held", connections);
  }
}
