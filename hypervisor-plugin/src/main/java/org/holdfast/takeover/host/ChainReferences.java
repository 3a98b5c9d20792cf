package org.holdfast.takeover.host;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which chains rules and maps lead to. libvirt gives each tap chains of its own and takes them away
 * with the tap; while a copy of ours leads to one the kernel refuses that, and what is left is a
 * chain that nobody knows any more.
 */
final class ChainReferences {
  /** What nothing but a chain without rules is made of: xtables writes its policy as a rule. */
  private static final Set<String> POLICY = Set.of("counter", "accept", "drop", "return");

  private final Set<Chain> fromOurs = new HashSet<>();
  private final Set<Chain> fromOthers = new HashSet<>();
  private final Set<Chain> filled = new HashSet<>();

  private record Chain(String family, String table, String name) {

    static Chain in(JsonObject item, String name) {
      return new Chain(Json.text(item, "family"), Json.text(item, "table"), name);
    }
  }

  /**
   * Where something leads to.
   *
   * @param item the rule or map it is part of
   * @param part expressions, or an element of a map
   * @param ours whether it is there for a port of ours
   */
  void add(JsonObject item, JsonElement part, boolean ours) {
    if (part.isJsonArray()) {
      Json.list(part).forEach(member -> add(item, member, ours));
    } else if (part.isJsonObject()) {
      for (Map.Entry<String, JsonElement> member : part.getAsJsonObject().entrySet()) {
        if (member.getKey().equals("jump") || member.getKey().equals("goto")) {
          Chain target = Chain.in(item, Json.text(member.getValue(), "target"));
          (ours ? fromOurs : fromOthers).add(target);
        }
        add(item, member.getValue(), ours);
      }
    }
  }

  /** A rule of others, which fills the chain it stands in. */
  void addRule(JsonObject rule) {
    boolean policy =
        Json.list(Json.member(rule, "expr")).stream()
            .allMatch(
                part -> part.isJsonObject() && POLICY.containsAll(part.getAsJsonObject().keySet()));
    if (!policy) {
      filled.add(Chain.in(rule, Json.text(rule, "chain")));
    }
  }

  /** Whether its owner has emptied a chain, and leads nowhere to it any more: only we did. */
  boolean isLeftBehind(JsonObject chain) {
    Chain itself = Chain.in(chain, Json.text(chain, "name"));
    return fromOurs.contains(itself) && !fromOthers.contains(itself) && !filled.contains(itself);
  }
}
