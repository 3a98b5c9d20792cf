package org.holdfast.configuration;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * One mapping of a YAML file. Each key is taken once, with its default; {@link #finish} then
 * refuses keys that nobody took, so that a mistyped key is never silently the default. Every
 * complaint names file and line.
 */
final class YamlSection {
  private static final Pattern QUANTITY = Pattern.compile("(\\d{1,15})\\s*([A-Za-z]*)");
  private static final Map<String, Long> BYTE_UNITS =
      Map.of("", 1L, "B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);
  private static final Map<String, Duration> TIME_UNITS =
      Map.of(
          "ms", Duration.ofMillis(1),
          "s", Duration.ofSeconds(1),
          "min", Duration.ofMinutes(1),
          "h", Duration.ofHours(1));

  private final String file;
  private final String path;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Map<String, Node> keys = new LinkedHashMap<>();
  private final Set<String> known = new LinkedHashSet<>();

  /**
   * @param path of this section in the file, "" at its top
   * @param node null: the section is not there, everything is default
   */
  YamlSection(String file, String path, @Nullable Node node) throws ConfigurationException {
    this.file = file;
    this.path = path;
    if (node == null) {
      return;
    }
    if (!(node instanceof MappingNode mapping)) {
      throw wrong(node, path.isEmpty() ? "the file" : path, "has keys and values below it");
    }
    for (NodeTuple tuple : mapping.getValue()) {
      String key = scalar("a key", tuple.getKeyNode());
      if (values.put(key, tuple.getValueNode()) != null) {
        throw complaint(tuple.getKeyNode(), "the key \"" + full(key) + "\" stands there twice");
      }
      keys.put(key, tuple.getKeyNode());
    }
  }

  YamlSection section(String key) throws ConfigurationException {
    return new YamlSection(file, full(key), take(key));
  }

  String text(String key, String otherwise) throws ConfigurationException {
    Node node = take(key);
    return node == null ? otherwise : scalar(full(key), node);
  }

  Path absolutePath(String key, String otherwise) throws ConfigurationException {
    try {
      Path value = Path.of(text(key, otherwise));
      if (value.isAbsolute()) {
        return value;
      }
    } catch (InvalidPathException noPath) {
      // Said below; a NUL in it is the only way to get here.
    }
    throw wrong(values.get(key), full(key), "is an absolute path");
  }

  boolean truth(String key, boolean otherwise) throws ConfigurationException {
    return switch (text(key, String.valueOf(otherwise))) {
      case "true" -> true;
      case "false" -> false;
      default -> throw wrong(values.get(key), full(key), "is true or false");
    };
  }

  int integer(String key, int otherwise, int least, int most) throws ConfigurationException {
    return (int)
        bounded(key, text(key, String.valueOf(otherwise)), Map.of("", 1L), least, most, "a number");
  }

  long bytes(String key, String otherwise, long least, long most) throws ConfigurationException {
    return bounded(key, text(key, otherwise), BYTE_UNITS, least, most, "a size such as \"16 MiB\"");
  }

  Duration duration(String key, String otherwise, Duration least, Duration most)
      throws ConfigurationException {
    Map<String, Long> milliseconds = new LinkedHashMap<>();
    TIME_UNITS.forEach((unit, length) -> milliseconds.put(unit, length.toMillis()));
    return Duration.ofMillis(
        bounded(
            key,
            text(key, otherwise),
            milliseconds,
            least.toMillis(),
            most.toMillis(),
            "a duration such as \"500 ms\""));
  }

  <T> List<T> list(String key, String kind, Function<String, T> parse, List<T> otherwise)
      throws ConfigurationException {
    Node node = take(key);
    if (node == null) {
      return otherwise;
    }
    List<T> items = new ArrayList<>();
    if (!(node instanceof SequenceNode sequence)) {
      throw wrong(node, full(key), "is a list");
    }
    for (Node item : sequence.getValue()) {
      try {
        items.add(parse.apply(scalar(full(key), item)));
      } catch (IllegalArgumentException notOne) {
        throw wrong(item, "each of " + full(key), "is " + kind + "; " + notOne.getMessage());
      }
    }
    return items;
  }

  /** To be called when every key was taken. */
  void finish() throws ConfigurationException {
    for (Map.Entry<String, Node> key : keys.entrySet()) {
      if (!known.contains(key.getKey())) {
        throw complaint(
            key.getValue(),
            "there is no key \""
                + full(key.getKey())
                + "\"; known here are "
                + String.join(", ", known));
      }
    }
  }

  private @Nullable Node take(String key) {
    known.add(key);
    return values.get(key);
  }

  private long bounded(
      String key, String text, Map<String, Long> units, long least, long most, String kind)
      throws ConfigurationException {
    Matcher quantity = QUANTITY.matcher(text);
    Long unit = quantity.matches() ? units.get(quantity.group(2)) : null;
    if (unit == null) {
      throw wrong(values.get(key), full(key), "is " + kind);
    }
    long value;
    try {
      value = Math.multiplyExact(Long.parseLong(quantity.group(1)), unit);
    } catch (ArithmeticException huge) {
      value = Long.MAX_VALUE;
    }
    if (value < least || value > most) {
      throw wrong(values.get(key), full(key), "is " + kind + " from " + least + " to " + most);
    }
    return value;
  }

  private String scalar(String what, Node node) throws ConfigurationException {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw wrong(node, what, "is one value");
  }

  private String full(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private ConfigurationException wrong(@Nullable Node node, String what, String right) {
    String found = node instanceof ScalarNode scalar ? ", not \"" + scalar.getValue() + "\"" : "";
    return complaint(node, what + " " + right + found);
  }

  private ConfigurationException complaint(@Nullable Node node, String what) {
    String line =
        node == null
            ? ""
            : node.getStartMark().map(mark -> ", line " + (mark.getLine() + 1)).orElse("");
    return new ConfigurationException(file + line + ": " + what + ".");
  }
}
