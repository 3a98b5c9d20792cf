package org.holdfast.migration.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.holdfast.migration.hold.HoldBounds;
import org.holdfast.migration.hold.Holding;
import org.holdfast.migration.hold.Holdings;
import org.holdfast.proto.connection.v1.UnmanagedReason;
import org.holdfast.proto.v1.LedgerEntry;
import org.holdfast.proto.v1.Outcome;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What one domain may take of a host is bounded, and what all take together is. */
@Tag("kernel")
@Timeout(60)
class HoldBoundsTest {
  private static final long ROOM = 1 << 20;

  /** What each connection of a staged guest has in its send queue. */
  private static final long UNSENT = 1_448;

  @TempDir private Path directory;

  @Test
  void whatTheHostHasNoRoomForIsLeftToTcpByName() throws Exception {
    Holdings holdings = new Holdings(new HoldBounds(3, ROOM));
    try (StagedHolding first = new StagedHolding(holdings, "kvm1:1", directory);
        StagedHolding second = new StagedHolding(holdings, "kvm1:1", directory)) {
      assertThat(held(first, holdings)).isEqualTo(2);
      assertThat(held(second, holdings)).isEqualTo(1);

      holdings.remove(holdings.of(first.domain()).orElseThrow());
      try (StagedHolding third = new StagedHolding(holdings, "kvm1:1", directory)) {
        assertThat(held(third, holdings)).isEqualTo(2);
      }
    }
  }

  @Test
  void bytesAreBoundedAsConnectionsAre() throws Exception {
    Holdings holdings = new Holdings(new HoldBounds(100, UNSENT + 1));
    try (StagedHolding held = new StagedHolding(holdings, "kvm1:1", directory)) {
      assertThat(held(held, holdings)).isEqualTo(1);
    }
  }

  /** How many are held; the others must be named by the reason. */
  private static long held(StagedHolding staged, Holdings holdings) {
    Holding holding = holdings.of(staged.domain()).orElseThrow();
    long count = 0;
    for (LedgerEntry entry : holding.ledger()) {
      if (entry.getOutcome() == Outcome.OUTCOME_HELD) {
        count++;
      } else {
        assertThat(entry.getReason()).isEqualTo(UnmanagedReason.UNMANAGED_REASON_HOST_FULL);
      }
    }
    assertThat(holding.size()).isEqualTo(Math.toIntExact(count));
    return count;
  }
}
