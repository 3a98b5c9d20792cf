package org.holdfast.takeover.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.holdfast.takeover.host.OthersRules.Command;
import org.holdfast.takeover.host.OthersRules.Plan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules as {@code nft -j list ruleset} tells them. */
class OthersRulesTest {
  private static final StandIn STAND_IN = new StandIn("vnet0", "hf000000t0");
  private static final String DROP = "{\"drop\":null}";

  /** What a rule says, and what its copy says: with the tap as T, the port as P. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"op":"==","left":{"meta":{"key":"iifname"}},"right":"T"} | {"op":"==","left":{"meta":{"key":"iifname"}},"right":"P"}
          {"op":"==","left":{"meta":{"key":"oif"}},"right":"T"} | {"op":"==","left":{"meta":{"key":"oif"}},"right":"P"}
          {"op":"==","left":{"meta":{"key":"oifname"}},"right":"vnet*"} | {"op":"==","left":{"meta":{"key":"oifname"}},"right":"P"}
          {"op":"==","left":{"meta":{"key":"oifname"}},"right":{"set":["eth0","T"]}} | {"op":"==","left":{"meta":{"key":"oifname"}},"right":{"set":["P"]}}
          {"op":"==","left":{"concat":[{"payload":{"protocol":"tcp","field":"dport"}},{"meta":{"key":"iifname"}}]},"right":{"set":[{"concat":[9,"T"]},{"concat":[10,"eth0"]}]}} | {"op":"==","left":{"concat":[{"payload":{"protocol":"tcp","field":"dport"}},{"meta":{"key":"iifname"}}]},"right":{"set":[{"concat":[9,"P"]}]}}
          """)
  void aRuleForTheTapIsFollowedByOneForThePort(String match, String copied) {
    List<Command> commands = planFor(rule(match(named(match)))).commands();
    assertThat(commands).hasSize(1);
    assertThat(commands.get(0).place()).isEqualTo("table bridge cloud, chain forward");
    assertThat(commands.get(0).command())
        .hasToString(
            "{\"add\":{\"rule\":{\"family\":\"bridge\",\"table\":\"cloud\",\"chain\":\"forward\","
                + "\"expr\":[{\"match\":"
                + named(copied)
                + "},{\"drop\":null}]}}}");
  }

  @Test
  void eachPortOfEachTapHasACopyOfItsOwn() {
    String both = rule(match(iifname("==", "{\"set\":[\"vnet0\",\"vnet1\",\"eth0\"]}")));
    List<StandIn> standIns =
        List.of(STAND_IN, new StandIn("vnet0", "hf000000k0"), new StandIn("vnet1", "hf000000t1"));
    assertThat(rules(both).copiesFor(standIns).commands())
        .extracting(command -> command.command().toString())
        .satisfiesExactly(
            first -> assertThat(first).contains("{\"set\":[\"hf000000t0\"]}"),
            second -> assertThat(second).contains("{\"set\":[\"hf000000k0\"]}"),
            third -> assertThat(third).contains("{\"set\":[\"hf000000t1\"]}"));
  }

  @Test
  void aCopyStandsBeforeTheNextRuleOfItsChain() {
    String named = rule(match(iifname("==", "\"vnet0\"")));
    String other = rule(match(iifname("==", "\"eth0\""))).replace("\"handle\":7", "\"handle\":8");
    assertThat(onlyCommand(named + "," + other.replace("forward", "input") + "," + other))
        .startsWith("{\"insert\":{\"rule\":")
        .contains("\"chain\":\"forward\"")
        .contains("\"handle\":8");
    assertThat(onlyCommand(other + "," + named)).startsWith("{\"add\":{\"rule\":");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"op\":\"==\",\"left\":{\"meta\":{\"key\":\"iifname\"}},\"right\":\"vnet01\"}",
        "{\"op\":\"==\",\"left\":{\"meta\":{\"key\":\"iifname\"}},\"right\":\"h*\"}",
        "{\"op\":\"==\",\"left\":{\"meta\":{\"key\":\"iifname\"}},\"right\":\"@vnet0\"}",
        "{\"op\":\"==\",\"left\":{\"meta\":{\"key\":\"ibrname\"}},\"right\":\"vnet0\"}",
        "{\"op\":\"!=\",\"left\":{\"meta\":{\"key\":\"iifname\"}},\"right\":\"eth0\"}"
      })
  void whatIsNotAboutTheTapIsLeftAlone(String match) {
    Plan plan = planFor(rule(match(match)));
    assertThat(plan.commands()).isEmpty();
    assertThat(plan.leftOut()).isEmpty();
  }

  @Test
  void ourOwnTableIsNotOthers() {
    String ours = rule(match(iifname("==", "\"vnet0\""))).replace("cloud", "holdfast");
    assertThat(planFor(ours).commands()).isEmpty();
  }

  @Test
  void aRuleForAllButTheTapIsNamedAndNotCopied() {
    Plan plan = planFor(rule(match(iifname("!=", "\"vnet0\""))));
    assertThat(plan.commands()).isEmpty();
    assertThat(plan.leftOut())
        .containsExactly("table bridge cloud, chain forward: a rule for all but the tap");
  }

  @Test
  void whatTheTapIsNotToSayToItselfItsPortIsNotToSayToItself() {
    String expressions =
        match(iifname("==", "\"vnet0\""))
            + ","
            + match(iifname("!=", "{\"set\":[\"vnet0\",\"eth0\"]}").replace("iif", "oif"));
    assertThat(onlyCommand(rule(expressions)))
        .contains("\"right\":\"hf000000t0\"")
        .contains("\"right\":{\"set\":[\"hf000000t0\",\"eth0\"]}");
  }

  @Test
  void whatXtablesMadeIsNamedAndNotCopied() {
    Plan plan = planFor(rule(match(iifname("==", "\"vnet0\"")) + ",{\"xt\":null}"));
    assertThat(plan.commands()).isEmpty();
    assertThat(plan.leftOut())
        .containsExactly("table bridge cloud, chain forward: a rule that only xtables can read");
    assertThat(planFor(rule("{\"xt\":null}")).leftOut()).isEmpty();
    String remark = ",{\"xt\":{\"type\":\"match\",\"name\":\"comment\"}}";
    assertThat(onlyCommand(rule(match(iifname("==", "\"vnet0\"")) + remark)))
        .contains("hf000000t0")
        .doesNotContain("xt");
  }

  @Test
  void aCopyBeginsToCountAtNought() {
    String expressions =
        match(iifname("==", "\"vnet0\""))
            + ",{\"counter\":{\"packets\":3,\"bytes\":4}},{\"quota\":{\"val\":9,\"val_unit\":\"mbytes\","
            + "\"used\":8,\"used_unit\":\"mbytes\",\"inv\":true}},{\"counter\":\"all\"}";
    assertThat(onlyCommand(rule(expressions)))
        .contains("{\"counter\":null}")
        .contains("{\"quota\":{\"val\":9,\"val_unit\":\"mbytes\",\"inv\":true}}")
        .contains("{\"counter\":\"all\"}");
  }

  @Test
  void aMapOfARuleKeepsThePortAlone() {
    String vmap =
        "{\"vmap\":{\"key\":{\"meta\":{\"key\":\"iifname\"}},\"data\":{\"set\":[[\"vnet0\","
            + "{\"jump\":{\"target\":\"group\"}}],[\"vnet7\",{\"drop\":null}]]}}}";
    assertThat(onlyCommand(rule(vmap)))
        .contains("\"data\":{\"set\":[[\"hf000000t0\",{\"jump\":{\"target\":\"group\"}}]]}");
    assertThat(planFor(rule(vmap.replace("vnet0", "vnet1"))).commands()).isEmpty();
  }

  @Test
  void anElementGetsASiblingThatEndsWhenItEnds() {
    assertThat(
            onlyCommand(
                set(
                    "\"set\"",
                    "\"ifname\"",
                    "\"eth0\",{\"elem\":{\"val\":\"vnet0\",\"timeout\":60,\"expires\":9,"
                        + "\"counter\":{\"packets\":1,\"bytes\":2}}}")))
        .isEqualTo(
            "{\"add\":{\"element\":{\"family\":\"inet\",\"table\":\"cloud\",\"name\":\"guarded\","
                + "\"elem\":[{\"elem\":{\"val\":\"hf000000t0\",\"timeout\":60,\"expires\":9}}]}}}");
    assertThat(onlyCommand(set("\"map\"", "\"ifname\"", "[\"vnet0\",{\"accept\":null}]")))
        .contains("\"elem\":[[\"hf000000t0\",{\"accept\":null}]]");
    assertThat(
            onlyCommand(
                set(
                    "\"set\"",
                    "[\"ipv4_addr\",\"ifname\"]",
                    "{\"concat\":[\"192.0.2.1\",\"vnet0\"]}")))
        .contains("\"elem\":[{\"concat\":[\"192.0.2.1\",\"hf000000t0\"]}]");
    assertThat(
            onlyCommand(
                set("\"set\"", "{\"typeof\":{\"meta\":{\"key\":\"oifname\"}}}", "\"vnet0\"")))
        .contains("\"elem\":[\"hf000000t0\"]");
    assertThat(planFor(set("\"set\"", "\"string\"", "\"vnet0\"")).commands()).isEmpty();
  }

  @Test
  void aChainAtTheTapItselfIsNamed() {
    String chain =
        "{\"chain\":{\"family\":\"netdev\",\"table\":\"cloud\",\"name\":\"vm\",\"dev\":DEV}}";
    for (String device : List.of("\"vnet0\"", "[\"eth0\",\"vnet0\"]")) {
      assertThat(planFor(chain.replace("DEV", device)).leftOut())
          .containsExactly("table netdev cloud, chain vm: a chain at the tap itself");
    }
    assertThat(planFor(chain.replace("DEV", "\"eth0\"")).leftOut()).isEmpty();
  }

  @Test
  void whatWasAddedIsFoundByThePortsNames() {
    OthersRules rules =
        rules(
            rule(match(iifname("==", "\"vnet0\"")))
                + ","
                + rule(match(iifname("==", "\"hf000000t0\"")))
                + ","
                + set(
                    "\"map\"",
                    "\"ifname\"",
                    "[{\"elem\":{\"val\":\"hf000000t0\",\"comment\":"
                        + "\"x\"}},{\"accept\":null}],[\"vnet0\",{\"accept\":null}]"));
    assertThat(rules.removals(OwnNames::isLink).stream().map(Command::command))
        .extracting(Object::toString)
        .containsExactly(
            "{\"delete\":{\"rule\":{\"family\":\"bridge\",\"table\":\"cloud\",\"chain\":\"forward\","
                + "\"handle\":7}}}",
            "{\"delete\":{\"element\":{\"family\":\"inet\",\"table\":\"cloud\",\"name\":\"guarded\","
                + "\"elem\":[[\"hf000000t0\",{\"accept\":null}]]}}}");
    assertThat(rules.removals(name -> false)).isEmpty();
  }

  @Test
  void commandsAreOneTransaction() {
    List<Command> commands = planFor(rule(match(iifname("==", "\"vnet0\"")))).commands();
    assertThat(OthersRules.transaction(commands)).startsWith("{\"nftables\":[{\"add\":{\"rule\":");
  }

  @Test
  void whatHasAnotherShapeIsPassedOver() {
    for (String json :
        List.of(
            "[]",
            "{\"nftables\":3}",
            "{\"nftables\":[3,{\"rule\":[]},{\"set\":{\"elem\":[[]]}},{\"rule\":{\"expr\":[null]}}]}",
            "{\"nftables\":[{\"rule\":{\"expr\":[{\"match\":{}},{\"vmap\":{}},{\"match\":3}]}}]}")) {
      assertThat(OthersRules.parse(json).copiesFor(List.of(STAND_IN)).commands()).isEmpty();
    }
    assertThatThrownBy(() -> OthersRules.parse("{")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void mostRulesetsNeedNotBeTakenApart() {
    assertThat(STAND_IN.mayBeMeantIn(rule(match(iifname("==", "\"vnet1\""))))).isFalse();
    assertThat(STAND_IN.mayBeMeantIn(rule(match(iifname("==", "\"vnet0\""))))).isTrue();
    assertThat(STAND_IN.mayBeMeantIn(rule(match(iifname("==", "\"v*\""))))).isTrue();
  }

  private static String named(String text) {
    return text.replace("\"T\"", "\"vnet0\"").replace("\"P\"", "\"hf000000t0\"");
  }

  private static String match(String match) {
    return "{\"match\":" + match + "}";
  }

  private static String iifname(String operator, String right) {
    return "{\"op\":\""
        + operator
        + "\",\"left\":{\"meta\":{\"key\":\"iifname\"}},\"right\":"
        + right
        + "}";
  }

  private static String rule(String expressions) {
    return "{\"rule\":{\"family\":\"bridge\",\"table\":\"cloud\",\"chain\":\"forward\",\"handle\":7,"
        + "\"expr\":["
        + expressions
        + ","
        + DROP
        + "]}}";
  }

  private static String set(String kind, String type, String elements) {
    return "{"
        + kind
        + ":{\"family\":\"inet\",\"name\":\"guarded\",\"table\":\"cloud\",\"type\":"
        + type
        + ",\"elem\":["
        + elements
        + "]}}";
  }

  private static OthersRules rules(String items) {
    return OthersRules.parse(
        "{\"nftables\":[{\"metainfo\":{\"json_schema_version\":1}}," + items + "]}");
  }

  private static Plan planFor(String items) {
    return rules(items).copiesFor(List.of(STAND_IN));
  }

  private static String onlyCommand(String items) {
    List<Command> commands = planFor(items).commands();
    assertThat(commands).hasSize(1);
    return commands.get(0).command().toString();
  }
}
