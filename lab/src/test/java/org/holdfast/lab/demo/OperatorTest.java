package org.holdfast.lab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.holdfast.lab.demo.Operator.Deed;
import org.junit.jupiter.api.Test;

final class OperatorTest {
  private static final String TABLE =
      """
      Operation       Verb     Domain  Phase  Progress  Begun                           Result
      operations/b-2  resume   web     done   100.00 %  2026-03-01T12:01:02.123456789Z  well
      operations/a-1  suspend  web     done   100.00 %  2026-03-01T12:00:30Z            well
      operations/9-0  migrate  web     done   100.00 %  2026-03-01T11:59:00.5Z          well
      """;

  @Test
  void findsWhenTheLastOperationsBeganOldestFirst() {
    assertThat(Operator.begins(TABLE, 2))
        .containsExactly(
            Instant.parse("2026-03-01T12:00:30Z"), Instant.parse("2026-03-01T12:01:02.123456789Z"));
    assertThat(Operator.begins("Operation  Verb\n", 1)).isEmpty();
  }

  @Test
  void twoDeedsInARowFailIfOneOfThemFailed() {
    Deed well = new Deed(List.of(), "");
    Deed failed = new Deed(List.of(), "error: no such domain");

    assertThat(well.then(well).problem()).isEmpty();
    assertThat(well.then(failed).problem()).isEqualTo("error: no such domain");
    assertThat(failed.then(well).problem()).isEqualTo("error: no such domain");
  }
}
