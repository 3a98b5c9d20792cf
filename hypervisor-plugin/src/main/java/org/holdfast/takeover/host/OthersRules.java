package org.holdfast.takeover.host;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What others have in a host's nftables, as libnftables-json(5) tells it, and what is to be added
 * so that what they ruled for a VM's tap holds for ports that stand in for it:
 *
 * <ul>
 *   <li>a rule that names the tap is followed by one that is the same but for the name
 *   <li>a named set or map with the tap in it gets the port beside it
 * </ul>
 *
 * <p>Nothing that is there is changed, so what was added can be taken away by anybody who knows how
 * our ports are called.
 */
final class OthersRules {

  /**
   * A command to nftables.
   *
   * @param place what it is about, for people
   * @param command as in libnftables-json(5)
   */
  record Command(String place, JsonObject command) {}

  /**
   * What is to be done.
   *
   * @param commands none of them depends on another
   * @param leftOut places and reasons, for people
   */
  record Plan(List<Command> commands, Set<String> leftOut) {}

  /** A rule, a set, a map, a chain: its kind and what is said of it. */
  private record Item(String kind, JsonObject about) {

    boolean isOfOthers() {
      return !Json.text(about, "table").equals(NftablesFence.TABLE);
    }

    String place() {
      String table = "table " + Json.text(about, "family") + " " + Json.text(about, "table");
      return kind.equals("rule")
          ? table + ", chain " + Json.text(about, "chain")
          : table + ", " + kind + " " + Json.text(about, "name");
    }

    boolean isInOneChainWith(Item other) {
      return kind.equals("rule") && kind.equals(other.kind()) && place().equals(other.place());
    }

    InterfaceField keyField() {
      return InterfaceField.ofType(Json.member(about, "type"));
    }

    List<JsonElement> elements() {
      return Json.list(Json.member(about, "elem"));
    }

    /** Only what says which one it is. */
    JsonObject identity(String... members) {
      JsonObject copy = new JsonObject();
      for (String member : members) {
        if (about.has(member)) {
          copy.add(member, about.get(member));
        }
      }
      return copy;
    }
  }

  private final List<Item> items = new ArrayList<>();

  /**
   * Takes apart what {@code list ruleset} returns.
   *
   * @throws IllegalArgumentException if it is no JSON
   */
  static OthersRules parse(String json) {
    try {
      return new OthersRules(JsonParser.parseString(json));
    } catch (JsonParseException e) {
      throw new IllegalArgumentException("nft's answer is no JSON: " + e.getMessage(), e);
    }
  }

  private OthersRules(JsonElement answer) {
    for (JsonElement entry : Json.list(Json.member(answer, "nftables"))) {
      if (entry.isJsonObject()) {
        entry.getAsJsonObject().entrySet().stream()
            .filter(member -> member.getValue().isJsonObject())
            .map(member -> new Item(member.getKey(), member.getValue().getAsJsonObject()))
            .filter(Item::isOfOthers)
            .forEach(items::add);
      }
    }
  }

  /** What lets these ports be treated as their taps. */
  Plan copiesFor(List<StandIn> standIns) {
    Plan plan = new Plan(new ArrayList<>(), new LinkedHashSet<>());
    for (int i = 0; i < items.size(); i++) {
      Item item = items.get(i);
      for (StandIn standIn : standIns) {
        switch (item.kind()) {
          case "rule" -> copyRule(i, standIn, plan);
          case "set", "map" -> copyElements(item, standIn, plan);
          case "chain" -> noteDevice(item, standIn, plan);
          default -> {
            // tables, counters, flowtables and the like filter nothing
          }
        }
      }
    }
    return plan;
  }

  private void copyRule(int number, StandIn standIn, Plan plan) {
    Item rule = items.get(number);
    RuleCopy copy = new RuleCopy(Json.member(rule.about(), "expr"), standIn);
    if (copy.isForAllButTap()) {
      plan.leftOut().add(rule.place() + ": a rule for all but the tap");
    } else if (copy.isForTap() && copy.isOpaque()) {
      plan.leftOut().add(rule.place() + ": a rule that only xtables can read");
    } else if (copy.isForTap()) {
      JsonObject added = rule.identity("family", "table", "chain", "comment");
      added.add("expr", copy.expressions());
      plan.commands().add(placed(rule, added, ruleAfter(number)));
    }
  }

  /** In JSON, nft 1.0.6 adds at the end of a chain only, but inserts before any rule. */
  private static Command placed(Item rule, JsonObject added, Optional<Item> next) {
    next.ifPresent(item -> added.add("handle", Json.member(item.about(), "handle")));
    return command(next.isPresent() ? "insert" : "add", "rule", rule, added);
  }

  /** The next rule of the same chain. */
  private Optional<Item> ruleAfter(int number) {
    Item rule = items.get(number);
    return items.stream().skip(number + 1L).filter(rule::isInOneChainWith).findFirst();
  }

  private static void copyElements(Item set, StandIn standIn, Plan plan) {
    InterfaceField field = set.keyField();
    List<JsonElement> added = new ArrayList<>();
    for (JsonElement element : set.elements()) {
      Optional<JsonElement> renamed =
          set.kind().equals("map")
              ? RuleCopy.renamedPair(element, field, standIn)
              : field.renamed(element, standIn);
      renamed.ifPresent(added::add);
    }
    if (!added.isEmpty()) {
      plan.commands().add(command("add", "element", set, elements(set, added)));
    }
  }

  /** A chain of the family netdev hangs at devices, not at names in rules. */
  private static void noteDevice(Item chain, StandIn standIn, Plan plan) {
    JsonElement device = Json.member(chain.about(), "dev");
    List<JsonElement> devices = device.isJsonArray() ? Json.list(device) : List.of(device);
    if (devices.stream().anyMatch(one -> Json.text(one).equals(standIn.tap()))) {
      plan.leftOut().add(chain.place() + ": a chain at the tap itself");
    }
  }

  /**
   * What takes away whatever names such a port, and the chains that their owner could not delete
   * because of it.
   */
  List<Command> removals(Predicate<String> port) {
    List<Command> removals = new ArrayList<>();
    ChainReferences chains = new ChainReferences();
    for (Item item : items) {
      switch (item.kind()) {
        case "rule" -> removeRule(item, port, chains, removals);
        case "set", "map" -> removeElements(item, port, chains, removals);
        default -> {
          // what else there is names no port
        }
      }
    }
    items.stream()
        .filter(item -> item.kind().equals("chain") && chains.isLeftBehind(item.about()))
        .forEach(chain -> removeChain(chain, removals));
    return removals;
  }

  private static void removeRule(
      Item rule, Predicate<String> port, ChainReferences chains, List<Command> removals) {
    JsonElement expressions = Json.member(rule.about(), "expr");
    boolean ours = names(expressions, port);
    chains.add(rule.about(), expressions, ours);
    if (ours) {
      JsonObject which = rule.identity("family", "table", "chain", "handle");
      removals.add(command("delete", "rule", rule, which));
    } else {
      chains.addRule(rule.about());
    }
  }

  private static void removeElements(
      Item set, Predicate<String> port, ChainReferences chains, List<Command> removals) {
    InterfaceField field = set.keyField();
    List<JsonElement> removed = new ArrayList<>();
    for (JsonElement element : set.elements()) {
      List<JsonElement> pair = set.kind().equals("map") ? Json.list(element) : List.of();
      JsonElement key = pair.isEmpty() ? element : pair.get(0);
      boolean ours = field.holds(key, port);
      chains.add(set.about(), element, ours);
      if (ours) {
        JsonElement value = InterfaceField.value(key);
        removed.add(pair.size() == 2 ? Json.array(List.of(value, pair.get(1))) : value);
      }
    }
    if (!removed.isEmpty()) {
      removals.add(command("delete", "element", set, elements(set, removed)));
    }
  }

  private static void removeChain(Item chain, List<Command> removals) {
    JsonObject which = chain.identity("family", "table", "name");
    removals.add(command("flush", "chain", chain, which));
    removals.add(command("delete", "chain", chain, which));
  }

  private static boolean names(JsonElement element, Predicate<String> port) {
    if (element.isJsonObject()) {
      return element.getAsJsonObject().asMap().values().stream()
          .anyMatch(member -> names(member, port));
    }
    return element.isJsonArray()
        ? Json.list(element).stream().anyMatch(member -> names(member, port))
        : port.test(Json.text(element));
  }

  private static JsonObject elements(Item set, List<JsonElement> elements) {
    JsonObject object = set.identity("family", "table", "name");
    object.add("elem", Json.array(elements));
    return object;
  }

  private static Command command(String verb, String kind, Item item, JsonObject object) {
    return new Command(item.place(), Json.object(verb, Json.object(kind, object)));
  }

  /** Commands as one transaction. */
  static String transaction(List<Command> commands) {
    JsonArray all = Json.array(commands.stream().map(Command::command).toList());
    return Json.object("nftables", all).toString();
  }
}
