package org.holdfast.takeover.host;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.linux.Nftables;

/**
 * Whether nftables rules that others made name a tap, as security groups do: they decide what may
 * reach the VM, and what is given to it by hand would pass them by.
 */
final class TapRules {
  private static final Pattern TABLE = Pattern.compile("table \\S+ (\\S+) \\{.*");
  private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\"");

  private final HostContext host;
  private final Map<String, Boolean> known = new HashMap<>();

  /**
   * @param host asked once for each tap, when it is first of interest
   */
  TapRules(HostContext host) {
    this.host = host;
  }

  /** Whether a rule, or a set of one, names the tap or all that begin like it. */
  synchronized boolean name(String tap) {
    return known.computeIfAbsent(
        tap, asked -> name(host.commands().call(TapRules::ruleset), asked));
  }

  private static String ruleset() {
    try (Nftables nftables = new Nftables()) {
      return nftables.run("list ruleset");
    }
  }

  /**
   * @param ruleset in nft's words; tables of ours do not count
   */
  static boolean name(String ruleset, String tap) {
    boolean others = false;
    for (String line : ruleset.lines().toList()) {
      Matcher table = TABLE.matcher(line);
      if (table.matches()) {
        others = !table.group(1).equals(NftablesFence.TABLE);
      } else if (others
          && QUOTED.matcher(line).results().anyMatch(name -> means(name.group(1), tap))) {
        return true;
      }
    }
    return false;
  }

  /** Whether a name in a rule is the tap's, or the beginning of it and of others. */
  static boolean means(String name, String tap) {
    return name.endsWith("*")
        ? tap.startsWith(name.substring(0, name.length() - 1))
        : name.equals(tap);
  }
}
