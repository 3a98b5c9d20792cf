package org.holdfast.migration.converge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class TakeoverTriggerTest {
  private static final long MIB = 1L << 20;

  @Test
  void aJobThatTellsNothingYetIsNotDue() {
    assertThat(TakeoverTrigger.isDue(Optional.empty())).isFalse();
    assertThat(TakeoverTrigger.isDue(Optional.of(new JobSample(0, 0, 0)))).isFalse();
  }

  @Test
  void theFirstPassIsDueNearItsEnd() {
    assertThat(isDue(4096, 4096, 1)).isFalse();
    assertThat(isDue(4096, 49, 1)).isFalse();
    assertThat(isDue(4096, 48, 1)).isTrue();
  }

  @Test
  void aSmallGuestIsNotDueAtTheBegin() {
    assertThat(isDue(40, 40, 1)).isFalse();
    assertThat(isDue(40, 5, 1)).isTrue();
  }

  @Test
  void aGuestThatDirtiesFasterThanTheLinkCarriesIsDueAllTheSame() {
    assertThat(isDue(4096, 3900, 2)).isTrue();
  }

  private static boolean isDue(long totalMebibytes, long remainingMebibytes, int iteration) {
    return TakeoverTrigger.isDue(
        Optional.of(new JobSample(totalMebibytes * MIB, remainingMebibytes * MIB, iteration)));
  }
}
