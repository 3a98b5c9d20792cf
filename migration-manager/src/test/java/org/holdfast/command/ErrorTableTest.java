package org.holdfast.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.holdfast.api.ErrorCode;
import org.holdfast.channel.Breach;
import org.junit.jupiter.api.Test;

/** Whoever meets an error finds it in the documentation, with what the program itself says. */
class ErrorTableTest {
  private static final String FILE = "docs/ERRORS.md";

  @Test
  void everyCodeIsThereWithItsStatusAndWhatToDo() throws IOException {
    List<List<String>> rows =
        MarkdownTable.rows(FILE, "| code | gRPC status | what happened | what to do |");

    assertThat(rows).allSatisfy(row -> assertThat(row.get(2)).endsWith("."));
    assertThat(rows.stream().map(row -> List.of(row.get(0), row.get(1), row.get(3))))
        .containsExactlyElementsOf(
            Arrays.stream(ErrorCode.values())
                .map(code -> List.of(code.name(), code.grpcCode().name(), code.usualRemedy()))
                .toList());
  }

  @Test
  void everyBreachOfTheAgentsProtocolIsThere() throws IOException {
    assertThat(
            MarkdownTable.rows(FILE, "| breach | what the agent said |").stream()
                .map(row -> row.get(0)))
        .containsExactlyElementsOf(Arrays.stream(Breach.values()).map(Breach::name).toList());
  }
}
