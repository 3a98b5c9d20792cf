package org.holdfast.lab.endtoend;

import org.assertj.core.api.SoftAssertions;
import org.holdfast.lab.Product;
import org.holdfast.lab.workload.LoadVerdict;
import org.holdfast.proto.v1.MigrationReport;

/** What must be true after a VM was away: by the ledger, by its peers and by its own programs. */
final class AllKept {
  private AllKept() {}

  /**
   * Checks it.
   *
   * @param phase of the load in which the VM was away
   * @param connections that must be kept, at least
   */
  static void check(
      SoftAssertions check,
      MigrationReport report,
      LoadVerdict verdict,
      String phase,
      int connections) {
    check.assertThat(Product.notKept(report)).isEmpty();
    check.assertThat(verdict.phase(phase).complaints()).isEmpty();
    check.assertThat(Product.kept(report)).isGreaterThanOrEqualTo(connections);
    check.assertThat(verdict.corrupted()).isZero();
    check.assertThat(verdict.failures()).isEmpty();
    check.assertThat(verdict.guestErrors()).isEmpty();
  }
}
