package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A ruleset as nft tells it: its shape is nft's, names and comments in it are anybody's. */
final class OthersRulesFuzzTest {
  private static final List<StandIn> STAND_INS = List.of(new StandIn("vnet0", "hf000000t0"));

  @FuzzTest
  void everyRulesetIsTakenApartOrIsNoJson(byte[] ruleset) {
    OthersRules rules;
    try {
      rules = OthersRules.parse(new String(ruleset, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException noJson) {
      return;
    }
    rules
        .copiesFor(STAND_INS)
        .commands()
        .forEach(command -> assertThat(command.command().toString()).contains("hf000000t0"));
    rules.removals(OwnNames::isLink);
  }
}
