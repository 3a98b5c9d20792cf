package org.holdfast.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.junit.jupiter.api.Test;

/** Whoever reads the README knows every reason for which a connection may be left to TCP. */
class ReadmeLimitsTest {
  private static final String PREFIX = "UNMANAGED_REASON_";

  @Test
  void theLimitsAreExactlyTheReasonsThatTheLedgerCanName() throws IOException {
    List<String> reasons =
        Arrays.stream(UnmanagedReason.values())
            .filter(reason -> reason != UnmanagedReason.UNRECOGNIZED)
            .filter(reason -> reason != UnmanagedReason.UNMANAGED_REASON_UNSPECIFIED)
            .map(reason -> reason.name().substring(PREFIX.length()))
            .toList();
    assertThat(reasonsOfReadme()).containsExactlyInAnyOrderElementsOf(reasons);
  }

  /** A row may name several: "EXPORT_FAILED, VANISHED". */
  private static List<String> reasonsOfReadme() throws IOException {
    return MarkdownTable.rows("README.md", "| reason | connections |").stream()
        .flatMap(row -> Arrays.stream(row.get(0).split(", ")))
        .toList();
  }
}
