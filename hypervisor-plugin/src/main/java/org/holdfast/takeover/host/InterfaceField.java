package org.holdfast.takeover.host;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Where in a key of nftables names of interfaces stand: a key is one value, or several of them one
 * after the other (libnftables-json(5): CONCAT). Names anywhere else, in a comment or in a prefix
 * for the log, mean nothing here.
 *
 * @param parts for each value of the key, whether it is an interface's name
 */
record InterfaceField(List<Boolean> parts) {
  private static final Set<String> META_KEYS = Set.of("iif", "iifname", "oif", "oifname");
  private static final Set<String> TYPES = Set.of("ifname", "iface_index");

  /** What an element of a set has beside its value and keeps when it is repeated. */
  private static final List<String> ELEMENT_KEEPS = List.of("timeout", "expires", "comment");

  InterfaceField {
    parts = List.copyOf(parts);
  }

  /** Of what a rule looks at: the left side of a match, or the key of a map. */
  static InterfaceField ofExpression(JsonElement expression) {
    return new InterfaceField(
        partsOf(expression).stream().map(InterfaceField::isInterface).toList());
  }

  /** Of a set's type: a name, several of them, or an expression after {@code typeof}. */
  static InterfaceField ofType(JsonElement type) {
    if (type.isJsonObject() && type.getAsJsonObject().has("typeof")) {
      return ofExpression(type.getAsJsonObject().get("typeof"));
    }
    List<JsonElement> names = type.isJsonArray() ? type.getAsJsonArray().asList() : List.of(type);
    return new InterfaceField(names.stream().map(name -> TYPES.contains(Json.text(name))).toList());
  }

  private static boolean isInterface(JsonElement expression) {
    JsonElement meta = Json.member(expression, "meta");
    return META_KEYS.contains(Json.text(Json.member(meta, "key")));
  }

  /** Whether there is any. */
  boolean exists() {
    return parts.contains(true);
  }

  /** The value of a set's element without what else is known of it. */
  static JsonElement value(JsonElement element) {
    JsonElement described = Json.member(element, "elem");
    return described.isJsonObject() ? Json.member(described, "val") : element;
  }

  /** Whether an interface of such a name stands in the element's value. */
  boolean holds(JsonElement element, Predicate<String> name) {
    List<JsonElement> values = partsOf(value(element));
    return values.size() == parts.size()
        && IntStream.range(0, values.size())
            .anyMatch(i -> parts.get(i) && name.test(Json.text(values.get(i))));
  }

  /** The same element for the port, if it is one of the tap. */
  Optional<JsonElement> renamed(JsonElement element, StandIn standIn) {
    if (!holds(element, standIn::isMeantBy)) {
      return Optional.empty();
    }
    JsonElement value = renamedValue(value(element), standIn);
    JsonElement described = Json.member(element, "elem");
    if (!described.isJsonObject()) {
      return Optional.of(value);
    }
    JsonObject copy = new JsonObject();
    copy.add("val", value);
    for (String kept : ELEMENT_KEEPS) {
      if (described.getAsJsonObject().has(kept)) {
        copy.add(kept, described.getAsJsonObject().get(kept));
      }
    }
    return Optional.of(Json.object("elem", copy));
  }

  private JsonElement renamedValue(JsonElement value, StandIn standIn) {
    List<JsonElement> values = new ArrayList<>(partsOf(value));
    for (int i = 0; i < values.size(); i++) {
      if (parts.get(i) && standIn.isMeantBy(Json.text(values.get(i)))) {
        values.set(i, new JsonPrimitive(standIn.port()));
      }
    }
    return Json.member(value, "concat").isJsonArray()
        ? Json.object("concat", Json.array(values))
        : values.get(0);
  }

  private static List<JsonElement> partsOf(JsonElement whole) {
    JsonElement joined = Json.member(whole, "concat");
    return joined.isJsonArray() ? joined.getAsJsonArray().asList() : List.of(whole);
  }
}
