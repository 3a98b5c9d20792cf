package org.holdfast.takeover.host;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The expressions of an nftables rule for a port instead of the tap they name. What the rule says
 * of other interfaces is left out of the copy, for the rule itself says it: a set of names keeps
 * the port alone.
 */
final class RuleCopy {
  private static final String NOT_EQUAL = "!=";
  private static final String XTABLES = "xt";

  private final StandIn standIn;
  private final JsonArray expressions;
  private boolean names;
  private boolean excludes;
  private boolean opaque;

  /**
   * @param original as in libnftables-json(5), member "expr" of a rule
   */
  RuleCopy(JsonElement original, StandIn standIn) {
    this.standIn = standIn;
    this.expressions =
        copyOfAll(Json.list(original).stream().filter(part -> !isRemark(part)).toList());
  }

  /** With iptables a comment is a match, which every frame meets; nft could not say it again. */
  private static boolean isRemark(JsonElement expression) {
    return Json.text(Json.member(expression, XTABLES), "name").equals("comment");
  }

  JsonArray expressions() {
    return expressions;
  }

  /** Whether the original is for frames of the tap, so that a copy is for those of the port. */
  boolean isForTap() {
    return names;
  }

  /**
   * Whether the original is for frames of all but the tap. The port is among them, and no rule that
   * is added could take it out.
   */
  boolean isForAllButTap() {
    return excludes && !names;
  }

  /** Whether there are parts that xtables made and nft cannot say again. */
  boolean isOpaque() {
    return opaque;
  }

  private JsonArray copyOfAll(List<JsonElement> elements) {
    return Json.array(elements.stream().map(this::copy).toList());
  }

  private JsonElement copy(JsonElement element) {
    if (element.isJsonArray()) {
      return copyOfAll(Json.list(element));
    }
    if (!element.isJsonObject()) {
      return element;
    }
    JsonObject copy = new JsonObject();
    for (Map.Entry<String, JsonElement> member : element.getAsJsonObject().entrySet()) {
      copy.add(member.getKey(), copy(member.getKey(), member.getValue()));
    }
    return copy;
  }

  /** What the original has counted is not the copy's. */
  private JsonElement copy(String name, JsonElement value) {
    if (name.equals(XTABLES)) {
      opaque = true;
    }
    if (!value.isJsonObject()) {
      return copy(value);
    }
    return switch (name) {
      case "match" -> match(value.getAsJsonObject());
      case "map", "vmap" -> map(value.getAsJsonObject());
      case "counter", "last" -> JsonNull.INSTANCE;
      case "quota" -> unused(value.getAsJsonObject());
      default -> copy(value);
    };
  }

  private static JsonObject unused(JsonObject quota) {
    JsonObject copy = quota.deepCopy();
    copy.remove("used");
    copy.remove("used_unit");
    return copy;
  }

  private JsonElement match(JsonObject original) {
    JsonObject copy = new JsonObject();
    copy.add("op", Json.member(original, "op"));
    copy.add("left", copy(Json.member(original, "left")));
    JsonElement right = Json.member(original, "right");
    InterfaceField field = InterfaceField.ofExpression(Json.member(original, "left"));
    boolean negated = Json.text(original, "op").equals(NOT_EQUAL);
    copy.add("right", field.exists() ? operand(right, field, negated) : copy(right));
    return copy;
  }

  private JsonElement operand(JsonElement original, InterfaceField field, boolean negated) {
    JsonElement set = Json.member(original, "set");
    if (!set.isJsonArray()) {
      Optional<JsonElement> renamed = field.renamed(original, standIn);
      note(renamed.isPresent(), negated);
      return renamed.orElse(original);
    }
    List<JsonElement> members = Json.list(set);
    List<JsonElement> renamed =
        members.stream().flatMap(member -> field.renamed(member, standIn).stream()).toList();
    note(!renamed.isEmpty(), negated);
    if (renamed.isEmpty()) {
      return original;
    }
    return Json.object(
        "set",
        negated
            ? Json.array(
                members.stream()
                    .map(member -> field.renamed(member, standIn).orElse(member))
                    .toList())
            : Json.array(renamed));
  }

  private JsonElement map(JsonObject original) {
    InterfaceField field = InterfaceField.ofExpression(Json.member(original, "key"));
    List<JsonElement> pairs = Json.list(Json.member(Json.member(original, "data"), "set"));
    List<JsonElement> renamed =
        pairs.stream().flatMap(pair -> renamedPair(pair, field, standIn).stream()).toList();
    JsonObject copy = new JsonObject();
    for (Map.Entry<String, JsonElement> member : original.entrySet()) {
      copy.add(member.getKey(), copy(member.getValue()));
    }
    if (!renamed.isEmpty()) {
      note(true, false);
      copy.add("data", Json.object("set", Json.array(renamed)));
    }
    return copy;
  }

  /** A key and its data in a map. */
  static Optional<JsonElement> renamedPair(
      JsonElement pair, InterfaceField field, StandIn standIn) {
    List<JsonElement> keyAndData = Json.list(pair);
    return keyAndData.size() != 2
        ? Optional.empty()
        : field
            .renamed(keyAndData.get(0), standIn)
            .map(key -> Json.array(List.of(key, keyAndData.get(1))));
  }

  private void note(boolean found, boolean negated) {
    names |= found && !negated;
    excludes |= found && negated;
  }
}
