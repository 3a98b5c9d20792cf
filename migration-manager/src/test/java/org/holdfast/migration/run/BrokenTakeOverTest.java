package org.holdfast.migration.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.holdfast.migration.hold.HoldBounds;
import org.holdfast.migration.hold.Holdings;
import org.holdfast.migration.state.MigrationState;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.Outcome;
import org.holdfast.takeover.TakeoverException;
import org.holdfast.takeover.TakeoverException.Code;
import org.holdfast.takeover.TakeoverNamespace;
import org.holdfast.takeover.TakeoverNamespace.Stage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A takeover fails at one of its last steps: what peers were acknowledged is not lost. */
@Tag("kernel")
@Timeout(120)
class BrokenTakeOverTest {
  private static final TakeoverException FAILURE =
      new TakeoverException(Code.STEERING_FAILED, "the kernel has no memory left");

  @TempDir private Path directory;
  private final Holdings holdings = new Holdings(new HoldBounds(100, 1 << 20));

  private StagedHolding brokenAt(String step) throws IOException {
    return StagedHolding.prepared(
        holdings, directory, real -> Broken.at(TakeoverNamespace.class, step, real, FAILURE));
  }

  /** No frame was heard, nothing was acknowledged. */
  @ParameterizedTest
  @ValueSource(strings = {"fence", "open", "keep"})
  void beforeACopyHearsThePeerTheGuestKeepsItsSockets(String step) throws Exception {
    try (StagedHolding staged = brokenAt(step)) {
      assertThatThrownBy(staged::takeOver).hasMessageContaining(FAILURE.getMessage());

      assertThat(staged.state()).isEqualTo(MigrationState.TAKING_OVER);
      assertThat(staged.stage()).isEqualTo(Stage.CLOSED);
      assertThat(staged.guestIsReleased()).isTrue();
    }
  }

  @Test
  void onceACopyMayHaveAcknowledgedSomethingItIsHeldAndGivenBack() throws Exception {
    try (StagedHolding staged = brokenAt("announce")) {
      assertThatThrownBy(staged::takeOver).hasMessageContaining(FAILURE.getMessage());

      assertThat(staged.state()).isEqualTo(MigrationState.HOLDING);
      List<LedgerEntry> ledger = staged.giveBack(holdings);
      assertThat(ledger).hasSize(2).allMatch(entry -> entry.getOutcome() == Outcome.OUTCOME_KEPT);
      assertThat(staged.guestIsReleased()).isTrue();
    }
  }
}
