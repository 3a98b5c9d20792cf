package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Rules as {@code nft list ruleset} tells them. */
class TapRulesTest {
  private static final String FENCE =
      """
      table bridge holdfast {
      	set muted {
      		type ifname
      		elements = { "vnet0" }
      	}
      }
      """;

  private static final String SECURITY_GROUPS =
      """
      table bridge cloud {
      	set guarded {
      		type ifname
      		elements = { "vnet3",
      			     "vnet4" }
      	}

      	chain forward {
      		type filter hook forward priority filter; policy accept;
      		oifname "vnet7" ip saddr 192.0.2.0/24 drop
      		iifname "web*" drop
      	}
      }
      """;

  @Test
  void ourOwnFenceIsNoFilter() {
    assertThat(TapRules.name(FENCE, "vnet0")).isFalse();
  }

  @Test
  void rulesAndSetsOfOthersAre() {
    String rules = FENCE + SECURITY_GROUPS;
    assertThat(TapRules.name(rules, "vnet0")).isFalse();
    assertThat(TapRules.name(rules, "vnet4")).isTrue();
    assertThat(TapRules.name(rules, "vnet7")).isTrue();
    assertThat(TapRules.name(rules, "vnet70")).isFalse();
    assertThat(TapRules.name(rules, "web12")).isTrue();
  }
}
