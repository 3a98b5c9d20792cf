package org.holdfast.takeover.host;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.Collection;
import java.util.List;

/** Looks into JSON of others without trusting its shape: what is not there is null or empty. */
final class Json {
  private Json() {}

  /** A member of an object; JSON's null if there is none, or no object. */
  static JsonElement member(JsonElement object, String name) {
    JsonElement member = object.isJsonObject() ? object.getAsJsonObject().get(name) : null;
    return member == null ? JsonNull.INSTANCE : member;
  }

  /** A string; empty if it is none. */
  static String text(JsonElement element) {
    return element.isJsonPrimitive() && element.getAsJsonPrimitive().isString()
        ? element.getAsString()
        : "";
  }

  /** A string that is a member of an object. */
  static String text(JsonElement object, String name) {
    return text(member(object, name));
  }

  /** What an array has in it; nothing if it is none. */
  static List<JsonElement> list(JsonElement array) {
    return array.isJsonArray() ? array.getAsJsonArray().asList() : List.of();
  }

  static JsonArray array(Collection<? extends JsonElement> elements) {
    JsonArray array = new JsonArray();
    elements.forEach(array::add);
    return array;
  }

  /** An object with one member. */
  static JsonObject object(String name, JsonElement value) {
    JsonObject object = new JsonObject();
    object.add(name, value);
    return object;
  }
}
