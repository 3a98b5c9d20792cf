package org.holdfast.command;

import java.util.List;
import org.holdfast.proto.v1.ConnectionPolicy;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code --connections require|best-effort|off}. */
final class KeepOption {
  private static final List<String> WORDS = List.of("require", "best-effort", "off");

  @Option(
      names = "--connections",
      paramLabel = "POLICY",
      converter = PolicyConverter.class,
      completionCandidates = Candidates.class,
      description = {
        "require: refuse if a connection cannot be kept.",
        "best-effort: keep what can be kept (the default).",
        "off: keep none, as libvirt alone."
      })
  ConnectionPolicy policy = ConnectionPolicy.CONNECTION_POLICY_BEST_EFFORT;

  static final class PolicyConverter implements ITypeConverter<ConnectionPolicy> {
    @Override
    public ConnectionPolicy convert(String word) {
      return switch (word) {
        case "require" -> ConnectionPolicy.CONNECTION_POLICY_REQUIRE;
        case "best-effort" -> ConnectionPolicy.CONNECTION_POLICY_BEST_EFFORT;
        case "off" -> ConnectionPolicy.CONNECTION_POLICY_OFF;
        default ->
            throw new TypeConversionException(
                "\"" + word + "\" is none of " + String.join(", ", WORDS));
      };
    }
  }

  /** For the shell's completion. */
  static final class Candidates implements Iterable<String> {
    @Override
    public java.util.Iterator<String> iterator() {
      return WORDS.iterator();
    }
  }
}
